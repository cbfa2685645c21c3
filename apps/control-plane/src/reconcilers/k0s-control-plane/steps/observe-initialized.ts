import { annotations, Cluster, Namespace } from '@k0smotron/api';
import { done, messageOf } from '@k0smotron/core';
import { controlPlaneInitialised, factObject } from '@k0smotron/events';
import type { Step } from '@k0smotron/runtime';
import { fieldManager } from '../../../names.ts';
import { clusterOf, isInitialized, type ControlPlaneScope } from '../scope.ts';

/** The cluster lives once its API answers at the endpoint, from where everyone will talk to it; sticky (CP-10). */
export const observeInitialized: Step<ControlPlaneScope> = {
  name: 'observe initialized',

  async run(scope, signal) {
    const { run, found, plane, bus } = scope;
    const anyReady = [...(found.seen?.byName.values() ?? [])].some(({ apiReady }) => apiReady);
    const overSsh = scope.controllers.some(({ remote }) => remote !== undefined);
    if (overSsh && !anyReady) {
      found.endpointProblem = 'no controller answers';
      return done;
    }
    const uid = await kubeSystemUid(scope, signal);
    if (uid === undefined) return done;
    if (!isInitialized(scope)) {
      run.status.initialization = { controlPlaneInitialized: true };
      run.event('Normal', 'Initialized', 'The API of the cluster answers');
      await bus.publish(controlPlaneInitialised(factObject(plane), { version: plane.spec.version }, run.clock.now()));
    }
    await markCluster(scope, `kube-system:${uid}`, signal);
    return done;
  },
};

/** Identity of the workload cluster, read through its endpoint; undefined, with the reason noted, while it does not answer. */
async function kubeSystemUid(scope: ControlPlaneScope, signal: AbortSignal): Promise<string | undefined> {
  const { workloads, clusterKey, found } = scope;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
    const workload = await workloads.client(clusterKey, limit);
    const namespace = await workload?.get(Namespace, { name: 'kube-system' }, limit);
    if (!namespace) found.endpointProblem = 'the namespace kube-system is not there yet';
    return namespace?.metadata.uid;
  } catch (cause) {
    found.endpointProblem = `the endpoint does not answer: ${messageOf(cause)}`;
    return undefined;
  }
}

async function markCluster(scope: ControlPlaneScope, id: string, signal: AbortSignal): Promise<void> {
  const { metadata } = clusterOf(scope);
  if (metadata.annotations?.[annotations.clusterId] === id) return;
  const body = { metadata: { uid: metadata.uid, annotations: { [annotations.clusterId]: id } } };
  await scope.run.kube.patch(Cluster, scope.clusterKey, { type: 'merge', body }, { fieldManager }, signal);
}
