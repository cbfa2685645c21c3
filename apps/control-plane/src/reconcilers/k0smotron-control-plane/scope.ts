import { Cluster, K0smotronCluster, labels, type K0smotronControlPlane } from '@k0smotron/api';
import type { ObjectKey } from '@k0smotron/core';
import type { Caches, Run } from '@k0smotron/runtime';
import type { HostingClusters } from '../../hosted/hosting-clusters.ts';
import { hostingRefOf } from '../../hosted/hosting-source.ts';
import { Pod } from '../../hosted/kinds.ts';
import { hostedSelector } from '../../hosted/names.ts';
import { byPlane, planeKeyOf } from '../../hosted/plane.ts';

/** What lives as long as the process. */
export interface HostedControlPlaneDependencies {
  /** The clusters that planes run in elsewhere. */
  readonly hosting: Pick<HostingClusters, 'cachesOf'>;
}

/** One consistent reading of a control plane's surroundings. */
export interface HostedControlPlaneScope {
  readonly run: Run<K0smotronControlPlane>;
  readonly controlPlane: K0smotronControlPlane;
  /** Of the Cluster API Cluster, and of the hosted Cluster that is made for it: the original gives both one name. */
  readonly clusterKey: ObjectKey;
  readonly cluster?: Cluster;
  readonly hosted?: K0smotronCluster;
  /** Pods of API servers; undefined while it is not known how they are. */
  readonly pods: readonly Pod[] | undefined;
}

/** Reads the Cluster, the hosted Cluster and its pods from the caches. */
export function scopeOf(
  run: Run<K0smotronControlPlane>,
  { hosting }: HostedControlPlaneDependencies,
): HostedControlPlaneScope {
  const controlPlane = run.object;
  const { namespace, ownerReferences, labels: own } = controlPlane.metadata;
  const owner = ownerReferences?.find(
    ({ kind, apiVersion }) => kind === Cluster.kind && apiVersion.startsWith(Cluster.group),
  );
  const clusterKey = { namespace, name: owner?.name ?? own?.[labels.clusterName] ?? '' };
  const cluster = run.caches.of(Cluster).get(clusterKey);
  const hosted = run.caches.of(K0smotronCluster).get(clusterKey);
  return {
    run,
    controlPlane,
    clusterKey,
    ...(cluster && { cluster }),
    ...(hosted && { hosted }),
    pods: hosted ? podsOf(hosted, hostingRefOf(hosted) ? hosting.cachesOf(hosted) : run.caches) : [],
  };
}

const podsOf = (hosted: K0smotronCluster, caches: Caches | undefined): readonly Pod[] | undefined =>
  caches
    ?.of(Pod, hostedSelector)
    .byIndex(byPlane, planeKeyOf(hosted))
    .filter(({ metadata }) => metadata.labels?.['component'] === 'cluster');

/** True for a hosted Cluster that was made for this control plane. */
export const isOurs = ({ controlPlane, hosted }: HostedControlPlaneScope): boolean =>
  hosted?.metadata.ownerReferences?.some(({ uid }) => uid === controlPlane.metadata.uid) ?? false;
