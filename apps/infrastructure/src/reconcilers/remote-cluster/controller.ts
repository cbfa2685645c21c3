import { Cluster, RemoteCluster } from '@k0smotron/api';
import type { ObjectKey } from '@k0smotron/core';
import { defineController, watch } from '@k0smotron/runtime';
import { reconcileRemoteCluster } from './reconcile.ts';

/** RemoteCluster: an infrastructure that needs nothing, so it is provisioned at once (IC-01). */
export const remoteClusterController = defineController<RemoteCluster>({
  name: 'remote-cluster',
  kind: RemoteCluster,
  watches: [watch(Cluster, remoteClusterOf)],
  permissions: [
    {
      groups: ['infrastructure.cluster.x-k8s.io'],
      resources: ['remoteclusters'],
      verbs: ['list', 'watch'],
    },
    { groups: ['infrastructure.cluster.x-k8s.io'], resources: ['remoteclusters/status'], verbs: ['patch'] },
    { groups: ['cluster.x-k8s.io'], resources: ['clusters'], verbs: ['list', 'watch'] },
  ],
  conditionTypes: ['Ready', 'Paused'],
  reconcile: (run) => Promise.resolve(reconcileRemoteCluster(run)),
});

/** The RemoteCluster that a Cluster refers to, so that (un)pausing it wakes the key. */
function remoteClusterOf({ metadata, spec }: Cluster): readonly ObjectKey[] {
  const reference = spec?.infrastructureRef;
  if (reference?.kind !== RemoteCluster.kind || !reference.name) return [];
  return [{ namespace: metadata.namespace, name: reference.name }];
}
