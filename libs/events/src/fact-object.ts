import type { KubeObject } from '@k0smotron/core';
import type { FactObject } from './fact.ts';

/** Cluster API's own label; named here because `events` may not import `api` (style.md §2.2). */
const clusterNameLabel = 'cluster.x-k8s.io/cluster-name';

/** What a fact says about the object it is about; the cluster is read from Cluster API's label. */
export function factObject({ kind, metadata }: KubeObject): FactObject {
  const cluster = metadata.labels?.[clusterNameLabel];
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    ...(cluster ? { cluster } : {}),
  };
}
