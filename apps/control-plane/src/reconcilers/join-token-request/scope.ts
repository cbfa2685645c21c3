import { annotations, K0smotronCluster, type JoinTokenRequest } from '@k0smotron/api';
import type { Audit } from '@k0smotron/audit';
import { keyOf, type ObjectKey } from '@k0smotron/core';
import type { KubeClient, WorkloadClusters } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';

/** What lives as long as the process. */
export interface JoinTokenRequestDependencies {
  readonly workloads: WorkloadClusters;
  readonly audit: Audit;
}

/** One consistent reading of a request's surroundings. */
export interface JoinTokenRequestScope extends JoinTokenRequestDependencies {
  readonly run: Run<JoinTokenRequest>;
  readonly request: JoinTokenRequest;
  readonly clusterKey: ObjectKey;
  readonly cluster?: K0smotronCluster;
  /** The API of the cluster; undefined without kubeconfig. */
  workload(signal: AbortSignal): Promise<KubeClient | undefined>;
}

/** The Cluster that a request is about; in another namespace when v1beta1 said so. */
const clusterKeyOf = ({ metadata, spec }: JoinTokenRequest): ObjectKey => ({
  namespace: metadata.annotations?.[annotations.clusterRefNamespace] ?? metadata.namespace,
  name: spec.clusterName,
});

/** Requests by `namespace/name` of the Cluster they are about. */
export const byRequestedCluster = 'requested-cluster';

/** Values of the index {@link byRequestedCluster}. */
export const requestedCluster = (request: JoinTokenRequest): readonly string[] => [keyOf(clusterKeyOf(request))];

/** Reads the Cluster from the cache. */
export function scopeOf(run: Run<JoinTokenRequest>, dependencies: JoinTokenRequestDependencies): JoinTokenRequestScope {
  const request = run.object;
  const clusterKey = clusterKeyOf(request);
  const cluster = run.caches.of(K0smotronCluster).get(clusterKey);
  return {
    ...dependencies,
    run,
    request,
    clusterKey,
    ...(cluster && { cluster }),
    workload: (signal) => dependencies.workloads.client(clusterKey, signal),
  };
}
