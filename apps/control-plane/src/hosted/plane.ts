import { K0smotronCluster } from '@k0smotron/api';
import { keyOf, type KubeObject, type ObjectKey } from '@k0smotron/core';
import { namesOf, selectorLabels, type CertificateType, type HostedPlane, type LeafType } from '@k0smotron/hosted';
import type { CertificatePair } from '@k0smotron/pki';
import type { Caches } from '@k0smotron/runtime';

/** A hosted Cluster as the plans read it. */
export const planeOf = ({ metadata, spec }: K0smotronCluster): HostedPlane => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  spec,
  ...(metadata.labels && { labels: metadata.labels }),
  ...(metadata.annotations && { annotations: metadata.annotations }),
});

/** Name of the Secret with a certificate of a hosted Cluster. */
export const certificateSecretOf = (cluster: K0smotronCluster, type: CertificateType): string =>
  namesOf(planeOf(cluster)).certificate(type);

/** The index of hosted Clusters, and of what they are made of, by the label that all of it has. */
export const byPlane = 'plane';

/** Value of the index {@link byPlane} for a Cluster. */
export const planeKeyOf = (cluster: K0smotronCluster): string =>
  keyOf({ namespace: cluster.metadata.namespace, name: selectorLabels(planeOf(cluster), 'cluster')['cluster'] ?? '' });

/** Values of the index {@link byPlane} for a generated object or a pod. */
export const planeKeysOf = ({ metadata }: KubeObject): readonly string[] =>
  metadata.labels?.['cluster'] ? [keyOf({ namespace: metadata.namespace, name: metadata.labels['cluster'] })] : [];

/** The Clusters that a generated object or a pod may be a part of. */
export const clustersOf = (part: KubeObject, caches: Caches): readonly ObjectKey[] =>
  planeKeysOf(part).flatMap((key) =>
    caches
      .of(K0smotronCluster)
      .byIndex(byPlane, key)
      .map(({ metadata }) => metadata),
  );

/** What was found, or made, of a plane's certificates; a user's own count like ours. */
export type PlaneCertificates = Partial<Record<CertificateType | LeafType, CertificatePair>>;
