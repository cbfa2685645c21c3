import type { Clock } from '@k0smotron/core';
import type { OpenHost } from './open-host.ts';

/** Long enough for bootstrap data that is about to come, short enough not to burden hosts. */
const idleMs = 20_000;

/** Sessions that wait for the next piece of work on the same host: a handshake costs more than most commands. */
export class IdleSessions {
  readonly #clock: Clock;
  readonly #idle = new Map<string, { readonly host: OpenHost; readonly stop: AbortController }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps a session for a while, then closes it. `id` names the machine and all that the connection depends on. */
  keep(id: string, host: OpenHost): void {
    this.drop(id);
    const stop = new AbortController();
    this.#idle.set(id, { host, stop });
    this.#clock.sleep(idleMs, stop.signal).then(
      () => this.drop(id),
      () => undefined, // taken or dropped
    );
  }

  /** Hands a session over to the caller, who closes it. It may have been cut meanwhile. */
  take(id: string): OpenHost | undefined {
    const kept = this.#idle.get(id);
    kept?.stop.abort();
    this.#idle.delete(id);
    return kept?.host;
  }

  /** Closes the session of `id`, if there is one. */
  drop(id: string): void {
    this.take(id)?.session.close();
  }

  /** Closes all, at the end of the process. */
  close(): void {
    for (const id of [...this.#idle.keys()]) this.drop(id);
  }
}
