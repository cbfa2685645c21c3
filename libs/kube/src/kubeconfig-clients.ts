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

/** How clients of other clusters are made. */
export interface KubeconfigClientsOptions {
  readonly management: Pick<KubeClient, 'get'>;
  readonly logger?: Logger;
  readonly meter?: Meter;
  readonly clock?: Clock;
  /** Calls at a time to each cluster; 2 when unset (ER-6). */
  readonly maxCalls?: number;
  /** A call to a cluster is given up after so long; 10 s when unset. */
  readonly callLimitMs?: number;
  readonly userAgent?: string;
  /** How old what we know of a Secret may be; 60 s when unset. `forget` makes it be read at once. */
  readonly recheckMs?: number;
  /** For tests. */
  readonly connect?: typeof connectKube;
}

/** The Secret that a kubeconfig is in, and its key there. */
export interface KubeconfigSource {
  readonly secret: ObjectKey;
  readonly key: string;
  /** What the cluster is called in errors. */
  readonly what: string;
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

const nameOf = ({ secret, key }: KubeconfigSource): string => `${keyOf(secret)}#${key}`;

/**
 * Clients of other clusters, one for each kubeconfig in a Secret. A changed kubeconfig (new CA, new server, new certificate)
 * drops the client; one refused with 401 or by TLS reads the Secret at once. Each call has a time limit, and while a cluster
 * swallows calls they fail at once ({@link withBreaker}).
 */
export class KubeconfigClients {
  readonly #options: KubeconfigClientsOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #opening = new Map<string, Promise<KubeClient | undefined>>();

  constructor(options: KubeconfigClientsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
  }

  /**
   * The client, or undefined while there is no kubeconfig. Ask again in each run; do not keep it.
   *
   * @throws TerminalError when the Secret's kubeconfig cannot be used.
   */
  async client(source: KubeconfigSource, signal?: AbortSignal): Promise<KubeClient | undefined> {
    const name = nameOf(source);
    const entry = this.#entries.get(name);
    const { recheckMs = 60_000 } = this.#options;
    if (entry && this.#clock.monotonicMs() - entry.checkedAtMs < recheckMs) return entry.client;
    signal?.throwIfAborted();
    const opening = this.#opening.get(name) ?? this.#open(source).finally(() => this.#opening.delete(name));
    this.#opening.set(name, opening);
    return await opening;
  }

  /** Makes the next `client` read the Secret; call it when that Secret changes or the cluster is gone. */
  forget(source: Omit<KubeconfigSource, 'what'>): void {
    const entry = this.#entries.get(nameOf({ ...source, what: '' }));
    if (entry) entry.checkedAtMs = -Infinity;
  }

  /** Closes all clients. */
  async close(): Promise<void> {
    const clients = [...this.#entries.values()].map(({ client }) => client.close());
    this.#entries.clear();
    await Promise.allSettled(clients);
  }

  /** Without the caller's signal: others may wait for the same reading. */
  async #open(source: KubeconfigSource): Promise<KubeClient | undefined> {
    const name = nameOf(source);
    const secret = await this.#options.management.get(secretKind, source.secret);
    const entry = this.#entries.get(name);
    const value = secret?.data?.[source.key];
    const yaml = value ? Buffer.from(value, 'base64').toString('utf8') : undefined;
    if (!secret || yaml === undefined) {
      this.#drop(name);
      return undefined;
    }
    const { uid, resourceVersion } = secret.metadata;
    if (entry && (entry.yaml === yaml || (entry.uid === uid && entry.resourceVersion === resourceVersion))) {
      entry.checkedAtMs = this.#clock.monotonicMs();
      return entry.client;
    }
    const client = this.#connect(source, yaml);
    if (entry) this.#logger.info('Dropping the client, the kubeconfig has changed', { cluster: source.what });
    this.#drop(name);
    this.#entries.set(name, { uid, resourceVersion, yaml, client, checkedAtMs: this.#clock.monotonicMs() });
    return client;
  }

  #connect(source: KubeconfigSource, yaml: string): KubeClient {
    const { connect = connectKube, maxCalls = 2, callLimitMs = 10_000, userAgent } = this.#options;
    const { logger, meter = silentMeter } = this.#options;
    let config: KubeConfig;
    try {
      config = parseKubeConfig(yaml);
    } catch (cause) {
      const text = `Secret ${keyOf(source.secret)}: ${messageOf(cause)}`;
      throw new TerminalError('InvalidKubeconfig', text, { cause });
    }
    const credentials: CredentialSource = ({ renew }) => {
      if (renew) this.forget(source); // the server may have moved as well
      return Promise.resolve({});
    };
    const options = { maxCalls, callLimitMs, userAgent, logger, meter, clock: this.#clock };
    const client = connect({ ...config, credentials }, options);
    return withBreaker(client, { what: source.what, clock: this.#clock });
  }

  #drop(name: string): void {
    void this.#entries.get(name)?.client.close();
    this.#entries.delete(name);
  }
}
