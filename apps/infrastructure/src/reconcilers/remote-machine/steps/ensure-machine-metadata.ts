import { Machine, type RemoteMachine } from '@k0smotron/api';
import { done } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { fieldManager } from '../../../names.ts';
import type { RemoteMachineScope } from '../scope.ts';

/** Prefixes whose keys belong to Cluster API and tools, not to the host. */
const notOurs = ['cluster.x-k8s.io/', 'topology.cluster.x-k8s.io/', 'clusterctl.cluster.x-k8s.io/', 'kubectl.kubernetes.io/', 'k0smotron.io/', 'infrastructure.k0smotron.io/'];

/** Copies labels and annotations of the host to the Machine, where it has none of that name (k0smotron-behaviour §11.1). */
export const ensureMachineMetadata: Step<RemoteMachineScope> = {
  name: 'ensure machine metadata',

  async run({ run, remote, machine }, signal) {
    if (!machine) return done;
    const labels = missing(remote.metadata.labels, machine.metadata.labels);
    const annotations = missing(remote.metadata.annotations, machine.metadata.annotations);
    if (!labels && !annotations) return done;
    await run.kube.patch(
      Machine,
      { namespace: machine.metadata.namespace, name: machine.metadata.name },
      { type: 'merge', body: { metadata: { uid: machine.metadata.uid, labels, annotations } } },
      { fieldManager },
      signal,
    );
    return done;
  },
};

function missing(
  from: RemoteMachine['metadata']['labels'],
  to: RemoteMachine['metadata']['labels'] = {},
): Record<string, string> | undefined {
  const entries = Object.entries(from ?? {}).filter(
    ([key]) => to[key] === undefined && !notOurs.some((prefix) => key.startsWith(prefix)),
  );
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
