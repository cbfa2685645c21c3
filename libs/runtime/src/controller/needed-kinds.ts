import type { Kind, Logger } from '@k0smotron/core';
import type { Cache } from '@k0smotron/kube';

/** A kind and the cache that shows whether it is served. */
export interface NeededKind {
  readonly kind: Kind;
  readonly cache: Pick<Cache, 'served' | 'onServed'>;
}

/** The kinds without which a controller can do nothing: that of its objects, and what it watches unless that is optional. */
export class NeededKinds {
  readonly #needed: readonly NeededKind[];
  /** Says for which controller it waits. */
  readonly #logger: Logger;
  #missing: readonly string[] = [];

  constructor(needed: readonly NeededKind[], logger: Logger) {
    this.#needed = needed;
    this.#logger = logger;
  }

  /** Whether the server served them all when last looked at. */
  get served(): boolean {
    return this.#missing.length === 0;
  }

  /** Looks now and whenever one of them comes or goes, and calls `onServed` each time that all are served; returns the way to stop. */
  follow(onServed: () => void): () => void {
    const look = (): void => {
      this.#look();
      if (this.served) onServed();
    };
    const stops = this.#needed.map(({ cache }) => cache.onServed(look));
    look();
    return () => stops.forEach((stop) => stop());
  }

  #look(): void {
    const waited = !this.served;
    this.#missing = this.#needed
      .filter(({ cache }) => !cache.served)
      .map(({ kind: { plural, group } }) => `${plural}.${group}`);
    if (!this.served) this.#logger.info('Waiting for kinds that are not served', { missing: this.#missing });
    else if (waited) this.#logger.info('All kinds are served, working');
  }
}
