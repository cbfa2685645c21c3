import type { K0smotronCluster } from '@k0smotron/api';
import { controllerRef, type KubeObject, type OwnerReference } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { Caches, Run } from '@k0smotron/runtime';

/** How a generated object says whose it is. */
export interface OwnershipMark {
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

/** The cluster that the pods of a plane run in: where what they are made of is read and written. */
export interface HostingSite {
  readonly kube: KubeClient;
  readonly caches: Caches;
  /** As that of a run: the next run waits until the caches have seen the write. */
  expectWritten(object: KubeObject): void;
  readonly mark: OwnershipMark;
  owns(object: KubeObject): boolean;
  /** Another cluster than the one that the Cluster is in. */
  readonly elsewhere: boolean;
}

/** The cluster that the Cluster itself is in. */
export const homeOf = ({ object, kube, caches, ...run }: Run<K0smotronCluster>): HostingSite => ({
  kube,
  caches,
  expectWritten: (written) => run.expectWritten(written),
  mark: { ownerReferences: [controllerRef(object)] },
  owns: ({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid) ?? false,
  elsewhere: false,
});
