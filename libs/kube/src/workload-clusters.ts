import { keyOf, type ObjectKey } from '@k0smotron/core';
import type { KubeClient } from './client.ts';
import { KubeconfigClients, type KubeconfigClientsOptions, type KubeconfigSource } from './kubeconfig-clients.ts';

/** How clients of workload clusters are made. */
export type WorkloadClustersOptions = KubeconfigClientsOptions;

const sourceOf = (cluster: ObjectKey): KubeconfigSource => ({
  secret: { namespace: cluster.namespace, name: `${cluster.name}-kubeconfig` },
  key: 'value',
  what: `Cluster ${keyOf(cluster)}`,
});

/** Clients of workload clusters, one per cluster, made from Cluster API's Secret `<cluster>-kubeconfig`. */
export class WorkloadClusters {
  readonly #clients: KubeconfigClients;

  constructor(options: WorkloadClustersOptions) {
    this.#clients = new KubeconfigClients(options);
  }

  /**
   * The cluster's client, or undefined while there is no kubeconfig. Ask again in each run; do not keep it.
   *
   * @throws TerminalError when the Secret's kubeconfig cannot be used.
   */
  client(cluster: ObjectKey, signal?: AbortSignal): Promise<KubeClient | undefined> {
    return this.#clients.client(sourceOf(cluster), signal);
  }

  /** Makes the next `client` read the Secret; call it when that Secret changes or the cluster is gone. */
  forget(cluster: ObjectKey): void {
    this.#clients.forget(sourceOf(cluster));
  }

  /** Closes the clients of all clusters. */
  close(): Promise<void> {
    return this.#clients.close();
  }
}
