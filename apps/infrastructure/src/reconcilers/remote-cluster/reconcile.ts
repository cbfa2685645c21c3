import { Cluster, type RemoteCluster } from '@k0smotron/api';
import { done, type Outcome } from '@k0smotron/core';
import { observePaused, type Run } from '@k0smotron/runtime';

const managedByAnnotation = 'cluster.x-k8s.io/managed-by';

/** Reports the cluster as provisioned; the endpoint is the user's, or the control-plane provider's, to write. */
export function reconcileRemoteCluster(run: Run<RemoteCluster>): Outcome {
  const { metadata } = run.object;
  if (metadata.annotations?.[managedByAnnotation] !== undefined) return done; // P-05: somebody else fills it

  const owner = metadata.ownerReferences?.find(({ kind }) => kind === Cluster.kind);
  const cluster = owner && run.caches.of(Cluster).get({ namespace: metadata.namespace, name: owner.name });
  const paused = observePaused(run, cluster);
  if (paused.kind !== 'done') return paused;

  run.status.initialization = { provisioned: true };
  run.report({ type: 'Ready', status: 'True', reason: 'Ready', message: '' });
  return done;
}
