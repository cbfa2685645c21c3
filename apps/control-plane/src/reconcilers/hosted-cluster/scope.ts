import { Secret, type K0smotronCluster } from '@k0smotron/api';
import type { Audit } from '@k0smotron/audit';
import type { Kind, KubeObject, ObjectKey } from '@k0smotron/core';
import type { EtcdObservation } from '@k0smotron/etcd';
import { namesOf, selectorLabels, type HostedNames, type HostedPlane, type ObservedEtcd } from '@k0smotron/hosted';
import type { WorkloadClusters } from '@k0smotron/kube';
import type { CertificatePair } from '@k0smotron/pki';
import type { Run } from '@k0smotron/runtime';
import type { EtcdDialer } from '../../hosted/etcd-members.ts';
import type { HostedEndpoint } from '../../hosted/endpoint.ts';
import type { HostingClusters } from '../../hosted/hosting-clusters.ts';
import { generatedKinds, Pod, StatefulSet, type Service } from '../../hosted/kinds.ts';
import type { HostedMemories, HostedMemory } from '../../hosted/memory.ts';
import { hostedSelector } from '../../hosted/names.ts';
import type { Reach } from '../../hosted/reach.ts';
import { byPlane, planeKeyOf, planeOf, type PlaneCertificates } from '../../hosted/plane.ts';
import type { HostingSite } from '../../hosted/site.ts';

/** What lives as long as the process. */
export interface HostedDependencies {
  readonly workloads: WorkloadClusters;
  readonly audit: Audit;
  readonly hosted: HostedMemories;
  /** The clusters that planes run in elsewhere. */
  readonly hosting: Pick<HostingClusters, 'open' | 'leave' | 'source'>;
  /** How a member of etcd is reached; over TCP at the pod's address. */
  readonly dialEtcd: EtcdDialer;
  /** How the way of a worker is tried. */
  readonly reach: Reach;
}

/** What the steps of one run found out. */
export interface HostedFindings {
  /** Filled by `ensure services`: as they are stored. */
  services?: readonly Service[];
  /** Filled by `choose endpoint`. */
  endpoint?: HostedEndpoint;
  /** Filled by `ensure certificates`. */
  certificates?: PlaneCertificates;
  /** Filled by `ensure kubeconfig`: the administrator's certificate. */
  adminCertPem?: string;
  /** Filled by `observe etcd`; absent for planes without an etcd of their own. */
  etcd?: ObservedEtcd<EtcdObservation>;
  /** Why etcd's members stay as they are. */
  etcdHold?: string;
  /** Why volumes are not as the spec wants them. */
  volumes?: { readonly reason: string; readonly message: string };
  /** Why no pods of API servers are made. */
  apiServerHold?: string;
  /** Filled by `observe api`: what the API at the endpoint said. */
  api?: { readonly clusterUid: string } | { readonly problem: string };
  /** A step threw: then it is for the runtime to say why nothing is available. */
  failed?: boolean;
  /** The generated objects that are wanted, those applied in this run included. */
  readonly wanted: KubeObject[];
}

/** One consistent reading of a hosted Cluster and what it is made of. */
export interface HostedScope extends HostedDependencies {
  readonly run: Run<K0smotronCluster>;
  readonly cluster: K0smotronCluster;
  readonly clusterKey: ObjectKey;
  readonly plane: HostedPlane;
  readonly names: HostedNames;
  /** Where the pods run; Secrets with certificates and kubeconfig are at home, with the Cluster. */
  readonly site: HostingSite;
  readonly controlPlane?: StatefulSet;
  readonly etcd?: StatefulSet;
  /** Pods of API servers, by name. */
  readonly pods: readonly Pod[];
  /** Pods of etcd, by name. */
  readonly etcdPods: readonly Pod[];
  readonly memory: HostedMemory;
  readonly found: HostedFindings;
}

/** Reads everything that caches hold. */
export function scopeOf(run: Run<K0smotronCluster>, dependencies: HostedDependencies, site: HostingSite): HostedScope {
  const cluster = run.object;
  const plane = planeOf(cluster);
  const names = namesOf(plane);
  const { namespace } = cluster.metadata;
  const setOf = (name: string) => site.caches.of(StatefulSet, hostedSelector).get({ namespace, name });
  const podsOf = (group: 'cluster' | 'etcd') =>
    site.caches
      .of(Pod, hostedSelector)
      .byIndex(byPlane, planeKeyOf(cluster))
      .filter(({ metadata }) => metadata.labels?.['component'] === selectorLabels(plane, group)['component'])
      .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name, 'en', { numeric: true }));
  const [controlPlane, etcd] = [setOf(names.controlPlane), setOf(names.etcd)];
  return {
    ...dependencies,
    run,
    cluster,
    clusterKey: { namespace, name: cluster.metadata.name },
    plane,
    names,
    site,
    ...(controlPlane && { controlPlane }),
    ...(etcd && { etcd }),
    pods: podsOf('cluster'),
    etcdPods: podsOf('etcd'),
    memory: dependencies.hosted.of(cluster.metadata.uid),
    found: { wanted: [] },
  };
}

/** Everything that was generated for a Cluster, as the caches know it, but for its claim on a place elsewhere, which goes last. */
export const ownedObjects = ({
  site,
  cluster,
  names,
}: HostedScope): readonly { readonly kind: Kind; readonly object: KubeObject }[] =>
  [...generatedKinds, ...(site.elsewhere ? [Secret] : [])].flatMap((kind) =>
    site.caches
      .of(kind, hostedSelector)
      .byIndex(byPlane, planeKeyOf(cluster))
      .filter((object) => site.owns(object) && object.metadata.name !== names.hostingClaim)
      .map((object) => ({ kind, object })),
  );

/** A pair that an earlier step has ensured. @throws Error when it has not: a mistake in our code. */
export function certificateOf(scope: HostedScope, type: keyof PlaneCertificates): CertificatePair {
  const pair = scope.found.certificates?.[type];
  if (!pair) throw new Error('the step needs the certificates to be ensured first');
  return pair;
}
