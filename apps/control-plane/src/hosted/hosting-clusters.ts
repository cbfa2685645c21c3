import type { K0smotronCluster, KubeconfigRef } from '@k0smotron/api';
import { keyOf, messageOf, parseKey, silentMeter, type Clock, type Logger, type ObjectKey } from '@k0smotron/core';
import type { Cache, KubeClient, KubeconfigClients } from '@k0smotron/kube';
import { Expectations, Informers, type Caches, type KeySource } from '@k0smotron/runtime';
import { selectionsElsewhere } from './hosted-selections.ts';
import { hostingRefOf, hostingSourceOf } from './hosting-source.ts';
import { planeKeyOf, planeKeysOf } from './plane.ts';

/** What {@link HostingClusters} is made of. */
export interface HostingClustersOptions {
  readonly clients: Pick<KubeconfigClients, 'client'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One namespace of a cluster that planes run in. */
export interface HostingNamespace {
  readonly kube: KubeClient;
  readonly caches: Caches;
  /** Own writes that the caches have not shown, by the key of the hosted Cluster. */
  readonly expectations: Expectations;
  /** All caches have had their first list. */
  readonly synced: boolean;
}

interface Entry extends HostingNamespace {
  readonly name: string;
  readonly stop: AbortController;
  /** Hosted Clusters by what their parts are found by. */
  readonly planes: Map<string, ObjectKey>;
}

/**
 * Clients, watches and caches of the clusters that planes run in elsewhere: one set for each kubeconfig and namespace, from the
 * first plane that needs it until the last has left. A changed kubeconfig makes it anew.
 */
export class HostingClusters {
  readonly #options: HostingClustersOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #entryOf = new Map<string, Entry>();
  readonly #listeners = new Set<(key: ObjectKey) => void>();

  constructor(options: HostingClustersOptions) {
    this.#options = options;
  }

  /** Wakes a hosted Cluster when a part of it elsewhere changes. */
  readonly source: KeySource = (enqueue) => {
    this.#listeners.add(enqueue);
    return () => this.#listeners.delete(enqueue);
  };

  /**
   * Where a plane runs elsewhere; undefined while there is no kubeconfig. Ask again in each run.
   *
   * @throws TerminalError when the kubeconfig cannot be used; KubeError when its Secret cannot be read
   */
  async open(
    cluster: K0smotronCluster,
    ref: KubeconfigRef,
    signal: AbortSignal,
  ): Promise<HostingNamespace | undefined> {
    const source = hostingSourceOf(ref);
    const client = await this.#options.clients.client(source, signal);
    if (!client) {
      this.leave(cluster);
      return undefined;
    }
    const name = `${keyOf(source.secret)}#${source.key} ${cluster.metadata.namespace}`;
    const known = this.#entries.get(name);
    const same = known?.kube === client ? known : undefined;
    const entry = same ?? this.#begin(name, client, cluster.metadata.namespace ?? '');
    if (known && !same) {
      known.stop.abort();
      for (const [plane, other] of known.planes) entry.planes.set(plane, other);
    }
    const key = keyOf(cluster.metadata);
    if (this.#entryOf.get(key) !== entry) this.leave(cluster);
    this.#entryOf.set(key, entry);
    entry.planes.set(planeKeyOf(cluster), parseKey(key));
    return entry;
  }

  /** Caches with the pods of a plane that runs elsewhere; undefined as long as nothing is known of them. */
  cachesOf(cluster: K0smotronCluster): Caches | undefined {
    const entry = hostingRefOf(cluster) && this.#entryOf.get(keyOf(cluster.metadata));
    return entry?.synced ? entry.caches : undefined;
  }

  /** For a plane that is gone, or runs elsewhere now. */
  leave(cluster: K0smotronCluster): void {
    const key = keyOf(cluster.metadata);
    const entry = this.#entryOf.get(key);
    if (!entry) return;
    this.#entryOf.delete(key);
    entry.expectations.forget(key);
    entry.planes.delete(planeKeyOf(cluster));
    if (entry.planes.size === 0) this.#end(entry);
  }

  /** Ends all watches. */
  close(): void {
    for (const entry of [...this.#entries.values()]) this.#end(entry);
  }

  #begin(name: string, kube: KubeClient, namespace: string): Entry {
    const { clock, logger } = this.#options;
    // Readings of the same kinds at home stand under the same names.
    const informers = new Informers({ kube, clock, logger, meter: silentMeter, namespace });
    const caches = selectionsElsewhere.map((selection) => ({ selection, cache: informers.want(selection) }));
    const seen = (object: Parameters<Informers['sees']>[1]): readonly Cache[] =>
      caches.filter(({ selection }) => informers.sees(selection, object)).map(({ cache }) => cache);
    const entry: Entry = {
      name,
      kube,
      caches: informers,
      expectations: new Expectations(seen),
      stop: new AbortController(),
      planes: new Map(),
      get synced() {
        return caches.every(({ cache }) => cache.synced);
      },
    };
    for (const { cache } of caches) {
      cache.onChange(({ object }) => {
        for (const plane of planeKeysOf(object)) this.#wake(entry.planes.get(plane));
      });
    }
    this.#entries.set(name, entry);
    informers.start(entry.stop.signal);
    // A plane whose parts are none yet hears of no change.
    informers
      .whenSynced(entry.stop.signal)
      .then(() => entry.planes.forEach((key) => this.#wake(key)))
      .catch((cause: unknown) => logger.error('Waiting for caches failed', { error: messageOf(cause) }));
    return entry;
  }

  #end(entry: Entry): void {
    entry.stop.abort();
    if (this.#entries.get(entry.name) === entry) this.#entries.delete(entry.name);
  }

  #wake(key: ObjectKey | undefined): void {
    if (key) for (const listener of this.#listeners) listener(key);
  }
}
