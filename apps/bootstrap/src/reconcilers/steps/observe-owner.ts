import { waitingOn, type Outcome } from '@k0smotron/core';
import { observePaused, type Step } from '@k0smotron/runtime';
import type { ConfigScope } from '../scope.ts';

/** Without Machine or Cluster nothing is done and nothing is said: the watch brings us back (B-11). */
export const observeOwner: Step<ConfigScope> = {
  name: 'observe owner',
  run: (scope) => Promise.resolve(observe(scope)),
};

function observe({ run, config, machine, cluster, owned }: ConfigScope): Outcome {
  if (!machine) return waitingOn('a Machine that owns this config');
  if (!cluster) return waitingOn(`Cluster ${machine.spec.clusterName}`);
  const mayGoOn = observePaused(run, cluster);
  if (mayGoOn.kind !== 'done') owned.delete(config.metadata.uid); // others may change its Secret meanwhile
  return mayGoOn;
}
