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
  sleep: (ms, signal) => (ms > longestTimerMs ? longSleep(ms, signal) : timer(ms, signal)),
};

/** What Node's timers can count to, almost 25 days; a longer one fires at once. */
const longestTimerMs = 2 ** 31 - 1;

async function longSleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await timer(longestTimerMs, signal);
  await systemClock.sleep(ms - longestTimerMs, signal);
}

/** Not that of `timers/promises`: its AbortError with a stack costs ten times as much, and a queue cancels sleeps all day. */
const timer = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(running);
      reject(signal?.reason as Error);
    };
    const running = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });

/** RFC 3339 in UTC without fractions, the form of `metav1.Time`. */
export const rfc3339 = (at: Date): string => at.toISOString().replace(/\.\d+Z$/, 'Z');
