import type { Clock } from '@k0smotron/core';

/** Says that something moved on, without waking anybody for each step of it. */
export interface ThrottledWake {
  /** Wakes after a while; any number of calls until then are one. */
  soon(): void;
  /** Wakes no more. */
  stop(): void;
}

/** How often the steps of one piece of work are shown, in milliseconds. */
export interface Pace {
  /** Work that ends sooner shows no steps at all. */
  readonly firstMs: number;
  readonly everyMs: number;
}

/** Each step shown costs a status write here and one more in Cluster API core: so many a second for all work together. */
const shownPerSecond = 4;

/** The pace of each, when so many pieces of work run at once. */
export function paceOf(running: number): Pace {
  const shareMs = (running * 1000) / shownPerSecond;
  return { firstMs: Math.max(1000, shareMs), everyMs: Math.max(3000, shareMs) };
}

/** Wakes at `pace`, which is asked again whenever a wake is due: others may have begun or ended since. */
export function throttledWake(clock: Clock, wake: () => void, pace: () => Pace): ThrottledWake {
  const stopped = new AbortController();
  const startMs = clock.monotonicMs();
  let pending = false;
  let lastMs: number | undefined;

  const dueMs = (): number => (lastMs === undefined ? startMs + pace().firstMs : lastMs + pace().everyMs);
  async function wakeWhenDue(): Promise<void> {
    do await clock.sleep(Math.max(0, dueMs() - clock.monotonicMs()), stopped.signal);
    while (dueMs() > clock.monotonicMs());
    pending = false;
    lastMs = clock.monotonicMs();
    wake();
  }

  return {
    soon: () => {
      if (pending || stopped.signal.aborted) return;
      pending = true;
      wakeWhenDue().catch(() => undefined); // stopped
    },
    stop: () => stopped.abort(),
  };
}
