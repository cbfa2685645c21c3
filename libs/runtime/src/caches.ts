import type { Kind, KubeObject, ObjectKey } from '@k0smotron/core';

/** Reads objects of one kind as last seen by the watch. Objects are frozen and lack `managedFields`. */
export interface CacheReader<T extends KubeObject = KubeObject> {
  get(key: ObjectKey): T | undefined;
  list(namespace?: string): readonly T[];
  /** Objects for which the named index gave this value; the index is declared in a {@link Watch} or {@link Controller}. */
  byIndex(index: string, value: string): readonly T[];
}

/** The caches of the kinds that the process watches. */
export interface Caches {
  /**
   * The cache of one kind. Where the kind is watched with several label selectors, the one with the given selector.
   *
   * @throws when no controller of this process watches the kind, or when several selectors are watched and none is given.
   */
  of<T extends KubeObject>(kind: Kind<T>, labelSelector?: string): CacheReader<T>;
}

/** Names to functions that give the values under which an object is found by {@link CacheReader.byIndex}. */
export type Indexes<T extends KubeObject = KubeObject> = Readonly<Record<string, (object: T) => readonly string[]>>;
