import { setTimeout as delay } from 'node:timers/promises';

/** Time as a port, so that tests own it. */
export interface Clock {
  /** Wall-clock time, for stamps that users read. */
  now(): Date;
  /** Milliseconds on a clock that never jumps, for deadlines and leases (SR-7). */
  monotonicMs(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal });
  },
};

/** RFC 3339 in UTC without fractions, the form of `metav1.Time`. */
export const rfc3339 = (at: Date): string => at.toISOString().replace(/\.\d+Z$/, 'Z');
