import { annotations, Cluster } from '@k0smotron/api';
import { done } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { fieldManager } from '../../../names.ts';
import { clusterOf, isInitialized, type ControlPlaneScope } from '../scope.ts';

/** The cluster lives once its API answers at the endpoint, from where everyone will talk to it; sticky (CP-10). */
export const observeInitialized: Step<ControlPlaneScope> = {
  name: 'observe initialized',

  async run(scope, signal) {
    const { run, found } = scope;
    const uid = found.endpoint?.clusterUid;
    if (uid === undefined) return done;
    if (!isInitialized(scope)) {
      run.status.initialization = { controlPlaneInitialized: true };
      run.event('Normal', 'Initialized', 'The API of the cluster answers');
    }
    await markCluster(scope, `kube-system:${uid}`, signal);
    return done;
  },
};

async function markCluster(scope: ControlPlaneScope, id: string, signal: AbortSignal): Promise<void> {
  const { metadata } = clusterOf(scope);
  if (metadata.annotations?.[annotations.clusterId] === id) return;
  const body = { metadata: { uid: metadata.uid, annotations: { [annotations.clusterId]: id } } };
  await scope.run.kube.patch(Cluster, scope.clusterKey, { type: 'merge', body }, { fieldManager }, signal);
}
