import type { Kind, KubeObject } from '@k0smotron/core';
import { asKind } from '../src/as-kind.ts';
import type { WatchEvent, WatchOptions } from '../src/client.ts';
import { ExpiredError } from '../src/errors.ts';
import { kindNameOf, type Change, type FakeStore } from './fake-store.ts';
import { isSelected } from './selectors.ts';

/** Watches of a fake API server. */
export class FakeWatches {
  readonly #store: FakeStore;
  #oldest = 0;
  #cuts = 0;
  readonly #wakers = new Set<() => void>();

  constructor(store: FakeStore) {
    this.#store = store;
    store.onChange(() => this.#wake());
  }

  /** Ends all open watches. */
  cut(): void {
    this.#cuts += 1;
    this.#wake();
  }

  /** Ends all open watches, and none can be opened from a version seen so far; a new list shows a later one. */
  expire(): void {
    this.#oldest = this.#store.skipVersion();
    this.cut();
  }

  /** Tells changes after `resourceVersion` until aborted or cut. Throws ExpiredError. */
  async *watch<T extends KubeObject>(
    kind: Kind<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    let seen = Number(options.resourceVersion);
    if (seen < this.#oldest) {
      throw new ExpiredError(410, 'Expired', `too old resource version: ${seen}`);
    }
    const cuts = this.#cuts;
    while (!signal.aborted && cuts === this.#cuts) {
      for (const change of this.#store.changes.filter(({ resourceVersion }) => resourceVersion > seen)) {
        seen = change.resourceVersion;
        const event = eventOf(kind, change, options);
        if (event) yield event;
        if (signal.aborted || cuts !== this.#cuts) return;
      }
      if (!this.#store.changes.some(({ resourceVersion }) => resourceVersion > seen)) await this.#next(signal);
    }
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
  }

  async #next(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wakers.add(resolve);
    const wake = (): void => resolve();
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    signal.removeEventListener('abort', wake);
    this.#wakers.delete(resolve);
  }
}

/** The event as this watch sees it: leaving the selection is a deletion, entering it an addition. */
function eventOf<T extends KubeObject>(
  kind: Kind<T>,
  change: Change,
  options: WatchOptions,
): WatchEvent<T> | undefined {
  const { before, after, last = after, kindName } = change;
  if (kindName !== kindNameOf(kind) || !last) return undefined;
  const was = before !== undefined && isSelected(before, options);
  const is = after !== undefined && isSelected(after, options);
  if (!was && !is) return undefined;
  const type = is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED';
  const { apiVersion, kind: name, metadata } = last;
  const shown = options.metadataOnly ? { apiVersion, kind: name, metadata } : last;
  return { type, object: asKind(kind, structuredClone(shown) as T) };
}
