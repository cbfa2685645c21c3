import type { Clock } from '@k0smotron/core';

/** A clock that moves only when told. */
export interface FakeClock extends Clock {
  /** Moves time forward and lets sleepers that are due go on. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Starts at the given moment, 2026-01-01T00:00:00Z unless told. */
export function fakeClock(start = new Date('2026-01-01T00:00:00Z')): FakeClock {
  let passedMs = 0;
  let sleepers: readonly Sleeper[] = [];

  return {
    now: () => new Date(start.getTime() + passedMs),
    monotonicMs: () => passedMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        sleepers = [...sleepers, { dueMs: passedMs + ms, wake: resolve }];
      }),
    advance: async (ms) => {
      passedMs += ms;
      const due = sleepers.filter((sleeper) => sleeper.dueMs <= passedMs);
      sleepers = sleepers.filter((sleeper) => sleeper.dueMs > passedMs);
      for (const sleeper of due) sleeper.wake();
      await new Promise(setImmediate);
    },
  };
}
