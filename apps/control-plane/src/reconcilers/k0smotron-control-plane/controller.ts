import { Cluster, conditionTypes, K0smotronCluster, K0smotronControlPlane } from '@k0smotron/api';
import type { KubeObject, ObjectKey } from '@k0smotron/core';
import { defineController, watch, type Caches } from '@k0smotron/runtime';
import { Pod } from '../../hosted/kinds.ts';
import { hostedSelector } from '../../hosted/names.ts';
import { clustersOf } from '../../hosted/plane.ts';
import { reconcileHostedControlPlane } from './reconcile.ts';
import type { HostedControlPlaneDependencies } from './scope.ts';
import { mirrored } from './steps/report-status.ts';

/** K0smotronControlPlane: Cluster API's view of a hosted Cluster (behaviour §8). */
export const k0smotronControlPlaneController = (dependencies: HostedControlPlaneDependencies) =>
  defineController<K0smotronControlPlane>({
    name: 'k0smotron-control-plane',
    kind: K0smotronControlPlane,
    watches: [
      watch(Cluster, controlPlaneOfCluster),
      watch(K0smotronCluster, controlPlaneOfHosted),
      watch(Pod, controlPlaneOfPod, { labelSelector: hostedSelector, metadataOnly: false }),
    ],
    permissions: [
      {
        groups: ['controlplane.cluster.x-k8s.io'],
        resources: ['k0smotroncontrolplanes'],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
      { groups: ['controlplane.cluster.x-k8s.io'], resources: ['k0smotroncontrolplanes/status'], verbs: ['patch'] },
      {
        groups: ['controlplane.cluster.x-k8s.io'],
        resources: ['k0smotroncontrolplanes/finalizers'],
        verbs: ['update'],
      },
      { groups: ['k0smotron.io'], resources: ['clusters'], verbs: ['list', 'watch', 'create', 'patch', 'delete'] },
      { groups: ['cluster.x-k8s.io'], resources: ['clusters'], verbs: ['list', 'watch', 'patch'] },
    ],
    conditionTypes: [...mirrored, conditionTypes.deleting, conditionTypes.paused, 'Movable'],
    failureCondition: conditionTypes.available,
    reconcile: (run, signal) => reconcileHostedControlPlane(run, dependencies, signal),
  });

function controlPlaneOfCluster({ metadata, spec }: Cluster): readonly ObjectKey[] {
  const reference = spec.controlPlaneRef;
  if (reference?.kind !== K0smotronControlPlane.kind) return [];
  return [{ namespace: metadata.namespace, name: reference.name }];
}

function controlPlaneOfHosted({ metadata }: KubeObject): readonly ObjectKey[] {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === K0smotronControlPlane.kind);
  return owner ? [{ namespace: metadata.namespace, name: owner.name }] : [];
}

/** Versions and readiness are read from pods, as the hosted Cluster's own controller does. */
const controlPlaneOfPod = (pod: Pod, caches: Caches): readonly ObjectKey[] =>
  clustersOf(pod, caches).flatMap((key) => {
    const hosted = caches.of(K0smotronCluster).get(key);
    return hosted ? controlPlaneOfHosted(hosted) : [];
  });
