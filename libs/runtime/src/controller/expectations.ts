import type { KubeObject, ObjectKey } from '@k0smotron/core';
import type { Cache } from '@k0smotron/kube';

/** The part of a cache that tells how far it has come. */
export type Progress = Pick<Cache, 'hasSeen' | 'get'>;

interface Expectation {
  readonly kind: string;
  /** Whether one cache has come that far. */
  readonly shownBy: (cache: Progress) => boolean;
  readonly caches: readonly Progress[];
}

/**
 * Own writes that the caches have not shown yet, by key. A run that acted on a cache older than them could create a second
 * object, so it waits (W-04).
 */
export class Expectations {
  readonly #cachesOf: (object: KubeObject) => readonly Progress[];
  readonly #byKey = new Map<string, Map<string, Expectation>>();

  /** @param cachesOf the caches of the controller in which a write of the object will show; none means never wait. */
  constructor(cachesOf: (object: KubeObject) => readonly Progress[]) {
    this.#cachesOf = cachesOf;
  }

  /** Remembers a write of a run of `key`; of several writes to one kind the last one counts. */
  expect(key: string, object: KubeObject): void {
    const { resourceVersion } = object.metadata;
    this.#until(key, object, (cache) => cache.hasSeen(resourceVersion));
  }

  /** Remembers that an object went. The server answers with the version before, so only its absence tells that it shows. */
  expectGone(key: string, object: KubeObject): void {
    const { namespace, name, uid } = object.metadata;
    const at: ObjectKey = namespace === undefined ? { name } : { namespace, name };
    this.#until(key, object, (cache) => cache.get(at)?.metadata.uid !== uid);
  }

  #until(key: string, object: KubeObject, shownBy: Expectation['shownBy']): void {
    const caches = this.#cachesOf(object);
    if (caches.every(shownBy)) return;
    const kind = `${object.apiVersion} ${object.kind}`;
    const expectations = this.#byKey.get(key) ?? new Map<string, Expectation>();
    expectations.set(kind, { kind: object.kind, shownBy, caches });
    this.#byKey.set(key, expectations);
  }

  /** The kind whose cache is still behind; undefined when the key may run. */
  pending(key: string): string | undefined {
    const expectations = this.#byKey.get(key);
    if (!expectations) return undefined;
    for (const [name, { kind, shownBy, caches }] of expectations) {
      if (!caches.every(shownBy)) return kind;
      expectations.delete(name);
    }
    this.#byKey.delete(key);
    return undefined;
  }

  /** Drops what is remembered of a key whose object is gone. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }
}
