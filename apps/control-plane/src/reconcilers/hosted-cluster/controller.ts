import { Cluster, conditionTypes, K0smotronCluster } from '@k0smotron/api';
import { defineController, watch, type Permission } from '@k0smotron/runtime';
import { selectionsAtHome } from '../../hosted/hosted-selections.ts';
import { byPlane, clustersOf, planeKeyOf } from '../../hosted/plane.ts';
import { reconcileHostedCluster } from './reconcile.ts';
import type { HostedDependencies } from './scope.ts';

/** `k0smotron.io` Cluster: a control plane in pods, with or without Cluster API (behaviour §9). */
export const hostedClusterController = (dependencies: HostedDependencies) =>
  defineController<K0smotronCluster>({
    name: 'hosted-cluster',
    kind: K0smotronCluster,
    indexes: { [byPlane]: (cluster) => [planeKeyOf(cluster)] },
    watches: [
      ...selectionsAtHome.map(({ kind, ...selection }) => watch(kind, clustersOf, selection)),
      // Of the same name, for its pause; there may be no Cluster API.
      watch(Cluster, ({ metadata }) => [metadata], { optional: true }),
    ],
    sources: [dependencies.hosting.source],
    permissions,
    conditionTypes: [
      conditionTypes.available,
      conditionTypes.certificatesAvailable,
      conditionTypes.deleting,
      conditionTypes.paused,
      'APIServerReady',
      'CertificatesValid',
      'ControlPlaneExposed',
      'ControlPlaneFunctional',
      'ControlPlaneScaling',
      'ControlPlaneUpToDate',
      'EndpointReachable',
      'EtcdReady',
      'HostingClusterReady',
      'KonnectivityReady',
      'KubeconfigSecretAvailable',
      'VolumesResized',
    ],
    failureCondition: conditionTypes.available,
    reconcile: (run, signal) => reconcileHostedCluster(run, dependencies, signal),
  });

const generated = ['get', 'list', 'watch', 'create', 'patch', 'delete'];

const permissions: readonly Permission[] = [
  { groups: ['k0smotron.io'], resources: ['clusters'], verbs: ['get', 'list', 'watch', 'patch'] },
  { groups: ['k0smotron.io'], resources: ['clusters/status'], verbs: ['patch'] },
  { groups: ['k0smotron.io'], resources: ['clusters/finalizers'], verbs: ['update'] },
  { groups: [''], resources: ['services', 'configmaps'], verbs: generated },
  { groups: ['apps'], resources: ['statefulsets'], verbs: generated },
  { groups: ['batch'], resources: ['cronjobs'], verbs: generated },
  { groups: ['networking.k8s.io'], resources: ['networkpolicies', 'ingresses'], verbs: generated },
  { groups: ['policy'], resources: ['poddisruptionbudgets'], verbs: generated },
  { groups: [''], resources: ['pods'], verbs: ['list', 'watch', 'delete'] },
  { groups: [''], resources: ['persistentvolumeclaims'], verbs: ['list', 'watch', 'patch', 'delete'] },
  { groups: ['cluster.x-k8s.io'], resources: ['clusters'], verbs: ['list', 'watch'] },
  // By which address a NodePort is reached, once in the life of a plane.
  { groups: [''], resources: ['nodes'], verbs: ['list'] },
  // By name: certificates, kubeconfig, and that of the cluster that pods run in.
  { groups: [''], resources: ['secrets'], verbs: ['get', 'create', 'patch'] },
];
