import {
  keyOf,
  messageOf,
  silentLogger,
  silentMeter,
  systemClock,
  TerminalError,
  type Clock,
  type Kind,
  type KubeObject,
  type Logger,
  type Meter,
  type ObjectKey,
} from '@k0smotron/core';
import { withBreaker } from './breaker.ts';
import type { KubeClient } from './client.ts';
import { connectKube } from './connect-kube.ts';
import type { CredentialSource, KubeConfig } from './kube-config.ts';
import { parseKubeConfig } from './parse-kube-config.ts';

/** How clients of workload clusters are made. */
export interface WorkloadClustersOptions {
  readonly management: Pick<KubeClient, 'get'>;
  readonly logger?: Logger;
  readonly meter?: Meter;
  readonly clock?: Clock;
  /** Calls at a time to each workload cluster; 2 when unset (ER-6). */
  readonly maxCalls?: number;
  /** A call to a workload cluster is given up after so long; 10 s when unset. */
  readonly callLimitMs?: number;
  readonly userAgent?: string;
  /** How old what we know of the Secret may be; 60 s when unset. `forget` makes it be read at once. */
  readonly recheckMs?: number;
  /** For tests. */
  readonly connect?: typeof connectKube;
}

interface SecretObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const secretKind: Kind<SecretObject> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

interface Entry {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly yaml: string;
  readonly client: KubeClient;
  checkedAtMs: number;
}

/**
 * Clients of workload clusters, one per cluster, made from Cluster API's Secret `<cluster>-kubeconfig`. A changed Secret (new
 * CA, new server, new certificate) drops the client; one refused with 401 or by TLS reads the Secret at once. Each call has
 * a time limit, and while a cluster swallows calls they fail at once ({@link withBreaker}).
 */
export class WorkloadClusters {
  readonly #options: WorkloadClustersOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #opening = new Map<string, Promise<KubeClient | undefined>>();

  constructor(options: WorkloadClustersOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
  }

  /**
   * The cluster's client, or undefined while there is no kubeconfig. Ask again in each run; do not keep it.
   *
   * @throws TerminalError when the Secret's kubeconfig cannot be used.
   */
  async client(cluster: ObjectKey, signal?: AbortSignal): Promise<KubeClient | undefined> {
    const name = keyOf(cluster);
    const entry = this.#entries.get(name);
    const { recheckMs = 60_000 } = this.#options;
    if (entry && this.#clock.monotonicMs() - entry.checkedAtMs < recheckMs) return entry.client;
    signal?.throwIfAborted();
    const opening = this.#opening.get(name) ?? this.#open(cluster).finally(() => this.#opening.delete(name));
    this.#opening.set(name, opening);
    return await opening;
  }

  /** Makes the next `client` read the Secret; call it when that Secret changes or the cluster is gone. */
  forget(cluster: ObjectKey): void {
    const entry = this.#entries.get(keyOf(cluster));
    if (entry) entry.checkedAtMs = -Infinity;
  }

  /** Closes the clients of all clusters. */
  async close(): Promise<void> {
    const clients = [...this.#entries.values()].map(({ client }) => client.close());
    this.#entries.clear();
    await Promise.allSettled(clients);
  }

  /** Without the caller's signal: others may wait for the same reading. */
  async #open(cluster: ObjectKey): Promise<KubeClient | undefined> {
    const name = keyOf(cluster);
    const secret = await this.#secretOf(cluster);
    const entry = this.#entries.get(name);
    const yaml = kubeconfigIn(secret);
    if (!secret || yaml === undefined) {
      this.#drop(name);
      return undefined;
    }
    const { uid, resourceVersion } = secret.metadata;
    if (entry && (entry.yaml === yaml || (entry.uid === uid && entry.resourceVersion === resourceVersion))) {
      entry.checkedAtMs = this.#clock.monotonicMs();
      return entry.client;
    }
    const client = this.#connect(cluster, yaml);
    if (entry) this.#logger.info('Dropping the client, the kubeconfig has changed', { Cluster: name });
    this.#drop(name);
    this.#entries.set(name, { uid, resourceVersion, yaml, client, checkedAtMs: this.#clock.monotonicMs() });
    return client;
  }

  #secretOf({ namespace, name }: ObjectKey): Promise<SecretObject | undefined> {
    return this.#options.management.get(secretKind, { namespace, name: `${name}-kubeconfig` });
  }

  #connect(cluster: ObjectKey, yaml: string): KubeClient {
    const { connect = connectKube, maxCalls = 2, callLimitMs = 10_000, userAgent } = this.#options;
    const { logger, meter = silentMeter } = this.#options;
    let config: KubeConfig;
    try {
      config = parseKubeConfig(yaml);
    } catch (cause) {
      const text = `Secret ${keyOf(cluster)}-kubeconfig: ${messageOf(cause)}`;
      throw new TerminalError('InvalidKubeconfig', text, { cause });
    }
    const credentials: CredentialSource = ({ renew }) => {
      if (renew) this.forget(cluster); // the server may have moved as well
      return Promise.resolve({});
    };
    const options = { maxCalls, callLimitMs, userAgent, logger, meter, clock: this.#clock };
    const client = connect({ ...config, credentials }, options);
    return withBreaker(client, { what: `Cluster ${keyOf(cluster)}`, clock: this.#clock });
  }

  #drop(name: string): void {
    void this.#entries.get(name)?.client.close();
    this.#entries.delete(name);
  }
}

function kubeconfigIn(secret: SecretObject | undefined): string | undefined {
  const value = secret?.data?.value;
  return value ? Buffer.from(value, 'base64').toString('utf8') : undefined;
}
