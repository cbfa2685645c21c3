import { done } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { reportData } from '../report.ts';
import { owned, type ConfigScope } from '../scope.ts';

/** After `clusterctl move` the status is empty, but the Machine knows the Secret: nothing is made a second time (B-04). */
export const ensureRestored: Step<ConfigScope> = {
  name: 'ensure restored',

  run: (scope) => {
    const { run, config, machine } = owned(scope);
    run.status.dataSecretName ??= machine.spec.bootstrap?.dataSecretName ?? config.metadata.name;
    run.status.initialization = { dataSecretCreated: true };
    reportData(run, 'True', 'Available', '');
    return Promise.resolve(done);
  },
};
