import { annotations, K0smotronControlPlane } from '@k0smotron/api';
import { done } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { fieldManager } from '../../../names.ts';
import type { HostedControlPlaneScope } from '../scope.ts';

/** `clusterctl move` would leave the pods, and all their data, to the garbage collector of the old cluster (SR-2). */
export const blockMove: Step<HostedControlPlaneScope> = {
  name: 'block move',

  async run({ run, controlPlane }, signal) {
    const message = 'The pods and their data are in this cluster and cannot be moved to another one';
    run.report({ type: 'Movable', status: 'False', reason: 'RunsInThisCluster', message });
    const { uid, annotations: own } = controlPlane.metadata;
    if (own?.[annotations.blockMove] !== undefined) return done;
    const body = { metadata: { uid, annotations: { [annotations.blockMove]: 'true' } } };
    const patch = { type: 'merge', body } as const;
    run.expectWritten(await run.kube.patch(K0smotronControlPlane, run.key, patch, { fieldManager }, signal));
    return done;
  },
};
