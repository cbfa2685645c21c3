import { keyOf, messageOf, silentLogger, type KubeObject, type Logger, type ObjectKey } from '@k0smotron/core';
import { deepFreeze, withoutManagedFields } from './freeze.ts';
import { reaches } from './resource-version.ts';

/** What a reflector fills. */
export interface Sink<T extends KubeObject = KubeObject> {
  /** Everything there is, at this version. */
  replace(items: readonly T[], resourceVersion: string): void;
  put(object: T): void;
  remove(object: T): void;
  /** A bookmark: all changes up to this version have been told. */
  progressed(resourceVersion: string): void;
  /** The server does not serve the kind: not yet, or no more. The next list ends that. */
  unserved?(): void;
}

/** One change of a cache. `before` is what was cached until now; its uid differs when the object was made anew. */
export type CacheChange<T extends KubeObject = KubeObject> =
  | { readonly type: 'put'; readonly object: T; readonly before?: T }
  | { readonly type: 'removed'; readonly object: T; readonly before?: T };

/** Gives the values under which an object is found in an index. */
export type IndexBy<T extends KubeObject = KubeObject> = (object: T) => readonly string[];

/** Reading from a cache. Objects are frozen and without managedFields. */
export interface CacheReader<T extends KubeObject = KubeObject> {
  get(key: ObjectKey): T | undefined;
  list(namespace?: string): readonly T[];
  byIndex(index: string, value: string): readonly T[];
  readonly synced: boolean;
}

/** How a cache is made. */
export interface CacheOptions<T extends KubeObject = KubeObject> {
  readonly indexes?: Readonly<Record<string, IndexBy<T>>>;
  readonly logger?: Logger;
}

const byNamespace = ' namespace';

/** The objects of one kind as a reflector last saw them. */
export class Cache<T extends KubeObject = KubeObject> implements Sink<T>, CacheReader<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexBy = new Map<string, IndexBy<T>>([[byNamespace, ({ metadata }) => [metadata.namespace ?? '']]]);
  readonly #index = new Map<string, Map<string, Set<string>>>();
  readonly #listeners = new Set<(change: CacheChange<T>) => void>();
  readonly #servedListeners = new Set<(served: boolean) => void>();
  readonly #logger: Logger;
  readonly #firstAnswer = Promise.withResolvers<void>();
  #resourceVersion: string | undefined;
  #served: boolean | undefined;

  constructor({ indexes = {}, logger = silentLogger }: CacheOptions<T> = {}) {
    this.#logger = logger;
    for (const [name, indexBy] of Object.entries(indexes)) this.#indexBy.set(name, indexBy);
    for (const name of this.#indexBy.keys()) this.#index.set(name, new Map());
  }

  /** True once the first list is in; stays true. */
  get synced(): boolean {
    return this.#resourceVersion !== undefined;
  }

  /**
   * True from a list on until the server says that it does not serve the kind. What is cached stays then: that objects are
   * gone must be seen, not inferred.
   */
  get served(): boolean {
    return this.#served === true;
  }

  /** Resolves with the first list, or as soon as it is known that the kind is not served. */
  whenAnswered(): Promise<void> {
    return this.#firstAnswer.promise;
  }

  /** The latest version that the stream has told of. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(keyOf(key));
  }

  list(namespace?: string): readonly T[] {
    return namespace === undefined ? [...this.#objects.values()] : this.byIndex(byNamespace, namespace);
  }

  /** Throws when the cache was made without that index. */
  byIndex(index: string, value: string): readonly T[] {
    const values = this.#index.get(index);
    if (!values) throw new Error(`the cache has no index ${index}`);
    return [...(values.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Adds an index to a cache in use; a second of the same name is ignored. */
  addIndex(name: string, indexBy: IndexBy<T>): void {
    if (this.#indexBy.has(name)) return;
    this.#indexBy.set(name, indexBy);
    this.#index.set(name, new Map());
    for (const [key, object] of this.#objects) this.#enterIndex(name, key, object);
  }

  /**
   * True when everything written up to `resourceVersion` is in the cache, so that acting on it is not acting on the past.
   * With a label selector, the write of an object outside of it shows only at the next event or bookmark.
   */
  hasSeen(resourceVersion: string): boolean {
    return reaches(this.#resourceVersion, resourceVersion);
  }

  /** Calls `listener` for each change from now on; returns the way to stop. What a listener throws is logged, nothing more. */
  onChange(listener: (change: CacheChange<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` with the first answer about the kind and when it changes; returns the way to stop. */
  onServed(listener: (served: boolean) => void): () => void {
    this.#servedListeners.add(listener);
    return () => this.#servedListeners.delete(listener);
  }

  replace(items: readonly T[], resourceVersion: string): void {
    const gone = new Set(this.#objects.keys());
    const changes: CacheChange<T>[] = [];
    for (const item of items) {
      gone.delete(keyOf(item.metadata));
      const change = this.#put(item);
      if (change) changes.push(change);
    }
    for (const key of gone) {
      const before = this.#objects.get(key);
      if (!before) continue;
      this.#drop(key, before);
      changes.push({ type: 'removed', object: before, before });
    }
    // Set, not advanced: a list is a consistent read, and after a restore of etcd versions may begin lower.
    this.#resourceVersion = resourceVersion;
    for (const change of changes) this.#tell(change);
    this.#answer(true);
  }

  put(object: T): void {
    const change = this.#put(object);
    this.#advance(object.metadata.resourceVersion);
    if (change) this.#tell(change);
  }

  remove(object: T): void {
    const key = keyOf(object.metadata);
    const before = this.#objects.get(key);
    if (before) this.#drop(key, before);
    this.#advance(object.metadata.resourceVersion);
    this.#tell({ type: 'removed', object: deepFreeze(withoutManagedFields(object)), before });
  }

  progressed(resourceVersion: string): void {
    this.#advance(resourceVersion);
  }

  unserved(): void {
    this.#answer(false);
  }

  #answer(served: boolean): void {
    this.#firstAnswer.resolve();
    if (served === this.#served) return;
    this.#served = served;
    for (const listener of this.#servedListeners) listener(served);
  }

  #advance(resourceVersion: string): void {
    if (!reaches(this.#resourceVersion, resourceVersion)) this.#resourceVersion = resourceVersion;
  }

  #put(object: T): CacheChange<T> | undefined {
    const key = keyOf(object.metadata);
    const before = this.#objects.get(key);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return undefined;
    if (before) this.#drop(key, before);
    const kept = deepFreeze(withoutManagedFields(object));
    this.#objects.set(key, kept);
    for (const name of this.#indexBy.keys()) this.#enterIndex(name, key, kept);
    return { type: 'put', object: kept, before };
  }

  #enterIndex(name: string, key: string, object: T): void {
    const values = this.#index.get(name);
    for (const value of this.#indexBy.get(name)?.(object) ?? []) {
      const keys = values?.get(value) ?? new Set();
      values?.set(value, keys.add(key));
    }
  }

  #drop(key: string, object: T): void {
    this.#objects.delete(key);
    for (const [name, values] of this.#index) {
      for (const value of this.#indexBy.get(name)?.(object) ?? []) {
        const keys = values.get(value);
        keys?.delete(key);
        if (keys?.size === 0) values.delete(value);
      }
    }
  }

  #tell(change: CacheChange<T>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        const object = `${change.object.kind} ${keyOf(change.object.metadata)}`;
        this.#logger.error('Handling a cache change failed', { object, error: messageOf(error) });
      }
    }
  }
}
