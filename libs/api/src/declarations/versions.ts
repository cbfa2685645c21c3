import type { Column, Field, VersionInput } from '@k0smotron/crd';

/** The two versions that each Cluster API kind of ours has; v1beta2 is stored. */
export type ApiVersionName = 'v1beta1' | 'v1beta2';

/** What differs between the versions is said by functions of the version's name. */
export interface BothVersions {
  readonly spec: (version: ApiVersionName) => Field;
  readonly status?: (version: ApiVersionName) => Field;
  readonly columns?: (version: ApiVersionName) => readonly Column[];
  readonly scale?: boolean;
  /** Set where the original deprecates v1beta1 too: clients then print a warning. */
  readonly v1beta1Deprecated?: boolean;
}

/** v1beta1 (served) and v1beta2 (served and stored) of one kind. */
export function bothVersions({
  spec,
  status,
  columns,
  scale,
  v1beta1Deprecated,
}: BothVersions): readonly VersionInput[] {
  const version = (name: ApiVersionName): VersionInput => ({
    name,
    spec: spec(name),
    status: status?.(name),
    columns: columns?.(name),
    scale,
  });
  return [
    {
      ...version('v1beta1'),
      ...(v1beta1Deprecated && { deprecationWarning: 'v1beta1 goes on working; write new manifests in v1beta2' }),
    },
    { ...version('v1beta2'), storage: true },
  ];
}

/**
 * Labels of a CRD that Cluster API core and clusterctl read: which of our versions speaks which contract, and whose
 * the kind is.
 */
export const contractLabels = (provider: 'bootstrap' | 'control-plane' | 'infrastructure') => ({
  'cluster.x-k8s.io/provider': `${provider}-k0smotron`,
  'cluster.x-k8s.io/v1beta1': 'v1beta1',
  'cluster.x-k8s.io/v1beta2': 'v1beta2',
});

/** Labels of the CRDs of group k0smotron.io: no Cluster API contract, only whose they are. */
export const standaloneLabels = { 'cluster.x-k8s.io/provider': 'control-plane-k0smotron' };

/** The categories of all kinds: `kubectl get cluster-api` lists them. */
export const categories = ['cluster-api'] as const;

/** The API groups of Cluster API providers. */
export const groups = {
  bootstrap: 'bootstrap.cluster.x-k8s.io',
  controlPlane: 'controlplane.cluster.x-k8s.io',
  infrastructure: 'infrastructure.cluster.x-k8s.io',
  etcd: 'etcd.k0smotron.io',
  /** Of the kinds that need no Cluster API. */
  k0smotron: 'k0smotron.io',
} as const;

/** Columns that several kinds print. */
export const columns = {
  cluster: { name: 'Cluster', path: ".metadata.labels['cluster\\.x-k8s\\.io/cluster-name']" },
  age: { name: 'Age', path: '.metadata.creationTimestamp', type: 'date' },
  ready: { name: 'Ready', path: '.status.conditions[?(@.type=="Ready")].status' },
  reason: { name: 'Reason', path: '.status.conditions[?(@.type=="Ready")].reason' },
  message: { name: 'Message', path: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
} as const satisfies Record<string, Column>;
