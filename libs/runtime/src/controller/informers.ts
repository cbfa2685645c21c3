import { apiVersionOf, type Clock, type Kind, type KubeObject, type Logger, type Meter } from '@k0smotron/core';
import { Cache, reflect, type KubeClient } from '@k0smotron/kube';
import type { CacheReader, Caches, Indexes } from '../caches.ts';
import { CustomResourceDefinition, Definitions } from './definitions.ts';
import { matchesLabels } from './label-selector.ts';

/** Ports and scope of {@link Informers}. */
export interface InformerOptions {
  readonly kube: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Only this namespace. */
  readonly namespace?: string;
  /** Only objects of Cluster API groups with this value of the watch-filter label (P-07). */
  readonly watchFilter?: string;
}

/** What one watch sees. */
export interface Selection<T extends KubeObject = KubeObject> {
  readonly kind: Kind<T>;
  readonly labelSelector?: string;
  readonly metadataOnly?: boolean;
  readonly indexes?: Indexes<T>;
}

interface Informer extends Selection {
  readonly cache: Cache;
  lastEventMs: number | undefined;
}

/** One list and watch per kind and selection for the whole process, whoever wants it. */
export class Informers implements Caches {
  readonly #options: InformerOptions;
  readonly #informers = new Map<string, Informer>();
  #running: AbortSignal | undefined;
  readonly #loops: Promise<void>[] = [];
  readonly #definitions = new Definitions();
  #followsDefinitions = false;

  constructor(options: InformerOptions) {
    this.#options = options;
    const { meter, clock } = options;
    meter.gauge('watch_last_event_seconds', () =>
      [...this.#informers.values()].flatMap(({ kind, lastEventMs }) =>
        lastEventMs === undefined
          ? []
          : [{ value: (clock.monotonicMs() - lastEventMs) / 1000, labels: { kind: kind.kind } }],
      ),
    );
    meter.gauge('cached_objects', () =>
      [...this.#informers.values()].map(({ kind, cache }) => ({ value: cache.size, labels: { kind: kind.kind } })),
    );
  }

  /** The cache of a selection; it fills once {@link start} was called. */
  want<T extends KubeObject>({ indexes = {}, ...selection }: Selection<T>): Cache<T> {
    const name = [
      apiVersionOf(selection.kind),
      selection.kind.plural,
      selection.labelSelector,
      selection.metadataOnly,
    ].join('|');
    const informer = this.#informers.get(name) ?? this.#add(name, selection);
    const cache = informer.cache as unknown as Cache<T>;
    for (const [index, valuesOf] of Object.entries(indexes)) cache.addIndex(index, valuesOf);
    return cache;
  }

  of<T extends KubeObject>({ group, kind }: Kind<T>, labelSelector?: string): CacheReader<T> {
    const ofKind = [...this.#informers.values()].filter(
      (known) => known.kind.group === group && known.kind.kind === kind,
    );
    const selected = ofKind.filter((known) => known.labelSelector === labelSelector);
    // Whole objects go before mere metadata; the only watch of a kind needs no selector to be named.
    const found = selected.find(({ metadataOnly }) => !metadataOnly) ?? selected[0] ?? only(ofKind, labelSelector);
    if (!found) {
      const what = labelSelector === undefined ? kind : `${kind} with ${labelSelector}`;
      throw new Error(
        `${what} is not watched by this process, or with several selectors: see the watches of its controllers`,
      );
    }
    return found.cache as unknown as CacheReader<T>;
  }

  /** Whether changes of an object reach the cache of a selection: the write of another shows there only at the next bookmark. */
  sees({ kind, labelSelector }: Selection, { apiVersion, kind: name, metadata }: KubeObject): boolean {
    const { namespace } = this.#options;
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    return (
      kind.group === group &&
      kind.kind === name &&
      (!namespace || !kind.namespaced || metadata.namespace === namespace) &&
      matchesLabels(this.#selectorOf(kind, labelSelector), metadata.labels ?? {})
    );
  }

  /** Lists and watches until the signal aborts. */
  start(signal: AbortSignal): void {
    this.#running = signal;
    for (const informer of this.#informers.values()) this.#follow(informer, signal);
  }

  /** Resolves when each cache has its first list or waits for its kind to be served, or when the signal aborts. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([aborted, Promise.all([...this.#informers.values()].map(({ cache }) => cache.whenAnswered()))]);
  }

  /** Resolves when the loops have ended after the abort. */
  async whenStopped(): Promise<void> {
    await Promise.all(this.#loops);
  }

  #add(name: string, selection: Selection): Informer {
    const informer: Informer = {
      ...selection,
      cache: new Cache({ logger: this.#options.logger }),
      lastEventMs: undefined,
    };
    informer.cache.onChange(() => {
      informer.lastEventMs = this.#options.clock.monotonicMs();
    });
    informer.cache.onServed((served) => {
      if (!served) this.#followDefinitions();
    });
    this.#informers.set(name, informer);
    if (this.#running) this.#follow(informer, this.#running);
    return informer;
  }

  #follow({ kind, labelSelector, metadataOnly, cache }: Informer, signal: AbortSignal): void {
    const { kube, clock, logger, meter, namespace } = this.#options;
    const selector = this.#selectorOf(kind, labelSelector);
    const options = {
      client: kube,
      kind,
      sink: cache,
      onDefined: (listener: () => void) => this.#definitions.onChange(kind, listener),
      clock,
      logger,
      meter,
      ...(namespace && kind.namespaced ? { namespace } : {}),
      ...(selector ? { labelSelector: selector } : {}),
      ...(metadataOnly ? { metadataOnly } : {}),
    };
    this.#loops.push(reflect(options, signal));
  }

  /** From the first kind on that is missing: most processes never need it. */
  #followDefinitions(): void {
    if (this.#followsDefinitions || !this.#running) return;
    this.#followsDefinitions = true;
    const { kube: client, clock, logger, meter } = this.#options;
    const of = { kind: CustomResourceDefinition, metadataOnly: true, sink: this.#definitions };
    this.#loops.push(reflect({ client, clock, logger, meter, ...of }, this.#running));
  }

  #selectorOf({ group }: Kind, labelSelector: string | undefined): string {
    const { watchFilter } = this.#options;
    const ofClusterApi = group === 'cluster.x-k8s.io' || group.endsWith('.cluster.x-k8s.io');
    const filter = watchFilter && ofClusterApi ? `cluster.x-k8s.io/watch-filter=${watchFilter}` : undefined;
    return [labelSelector, filter].filter((part) => part !== undefined).join(',');
  }
}

const only = (informers: readonly Informer[], labelSelector: string | undefined): Informer | undefined =>
  labelSelector === undefined && informers.length === 1 ? informers[0] : undefined;
