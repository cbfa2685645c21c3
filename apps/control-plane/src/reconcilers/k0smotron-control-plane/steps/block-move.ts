import { annotations } from '@k0smotron/api';
import { done, keyOf } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import type { HostedControlPlaneScope } from '../scope.ts';

/** `clusterctl move` would leave the pods, and all their data, to the garbage collector of the old cluster (SR-2), unless they run elsewhere. */
export const blockMove: Step<HostedControlPlaneScope> = {
  name: 'block move',

  async run({ run, controlPlane }) {
    const ref = controlPlane.spec.remoteHostCluster?.kubeconfigRef;
    if (ref) {
      const message = `Pods and data stay where they are; Secret ${keyOf(ref)} must come along, see its label for clusterctl`;
      run.report({ type: 'Movable', status: 'True', reason: 'RunsElsewhere', message });
      return done;
    }
    const message = 'The pods and their data are in this cluster and cannot be moved to another one';
    run.report({ type: 'Movable', status: 'False', reason: 'RunsInThisCluster', message });
    const isBlocked = controlPlane.metadata.annotations?.[annotations.blockMove] !== undefined;
    if (!isBlocked) await run.annotate({ [annotations.blockMove]: 'true' });
    return done;
  },
};
