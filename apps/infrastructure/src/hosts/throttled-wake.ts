import type { Clock } from '@k0smotron/core';

/** Says that something moved on, without waking anybody for each step of it. */
export interface ThrottledWake {
  /** Wakes after a while; any number of calls until then are one. */
  soon(): void;
  /** Wakes no more. */
  stop(): void;
}

/** Work that ends sooner shows no steps at all. */
export const firstMs = 1000;
const everyMs = 3000;

/** The first wake comes a second after the start at the earliest, so that short work shows no steps at all; later ones every 3 s. */
export function throttledWake(clock: Clock, wake: () => void): ThrottledWake {
  const stopped = new AbortController();
  let pending = false;
  let dueMs = clock.monotonicMs() + firstMs;

  return {
    soon: () => {
      if (pending || stopped.signal.aborted) return;
      pending = true;
      clock.sleep(Math.max(0, dueMs - clock.monotonicMs()), stopped.signal).then(
        () => {
          pending = false;
          dueMs = clock.monotonicMs() + everyMs;
          wake();
        },
        () => undefined, // stopped
      );
    },
    stop: () => stopped.abort(),
  };
}
