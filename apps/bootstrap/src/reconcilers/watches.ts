import { Cluster, labels, Machine } from '@k0smotron/api';
import { keyOf, type Kind, type ObjectKey } from '@k0smotron/core';
import { watch, type Indexes, type Permission, type Watch } from '@k0smotron/runtime';

/** The index of Machines by the Cluster they belong to. */
export const byCluster = 'cluster';

/** Finds configs by the Cluster that core has labelled them with: one whose Machine is gone must obey a pause, too. */
export const configIndexes: Indexes = {
  [byCluster]: ({ metadata }) => {
    const name = metadata.labels?.[labels.clusterName];
    return name ? [keyOf({ namespace: metadata.namespace, name })] : [];
  },
};

/** Machines wake their own config, Clusters (pause, endpoint, initialised) all of theirs. */
export const machineAndClusterWatches = (kind: Kind): readonly Watch[] => {
  const configOf = ({ metadata, spec }: Machine): readonly ObjectKey[] => {
    const reference = spec.bootstrap?.configRef;
    return reference?.kind === kind.kind && reference.name
      ? [{ namespace: metadata.namespace, name: reference.name }]
      : [];
  };
  return [
    watch(Machine, configOf, {
      indexes: {
        [byCluster]: ({ metadata, spec }) => [keyOf({ namespace: metadata.namespace, name: spec.clusterName })],
      },
    }),
    watch(Cluster, ({ metadata }, caches) => [
      ...caches.of(Machine).byIndex(byCluster, keyOf(metadata)).flatMap(configOf),
      ...caches
        .of(kind)
        .byIndex(byCluster, keyOf(metadata))
        .map((config) => config.metadata),
    ]),
  ];
};

/** What both kinds of config need: their references are read one by one, never listed (SR-18). */
export const configPermissions = (resource: string): readonly Permission[] => [
  { groups: ['bootstrap.cluster.x-k8s.io'], resources: [resource], verbs: ['get', 'list', 'watch', 'patch'] },
  { groups: ['bootstrap.cluster.x-k8s.io'], resources: [`${resource}/status`], verbs: ['patch'] },
  // blockOwnerDeletion on the data Secret needs it where that admission plugin runs.
  { groups: ['bootstrap.cluster.x-k8s.io'], resources: [`${resource}/finalizers`], verbs: ['update'] },
  { groups: ['cluster.x-k8s.io'], resources: ['clusters', 'machines'], verbs: ['list', 'watch'] },
  // To change is only to give its own Secret its owner back: the guard of Secrets sees to that.
  { groups: [''], resources: ['secrets'], verbs: ['get', 'create', 'patch'] },
  { groups: [''], resources: ['configmaps'], verbs: ['get'] },
];
