import { setTimeout as delay } from 'node:timers/promises';

/** How long to look, and how often. */
export interface EventuallyOptions {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
  /** Said first in the failure. */
  readonly what?: string;
}

/**
 * Looks until `check` returns without throwing, and gives what it returned. For tests: the only way to wait, since a fixed
 * sleep is either too short or too long.
 *
 * @throws the last failure of `check` as cause, once the time is over.
 */
export async function eventually<T>(check: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { timeoutMs = 10_000, everyMs = 50, what = 'the expected state' } = options;
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (cause) {
      const seen = cause instanceof Error ? cause.message : String(cause);
      if (performance.now() > giveUpAt) throw new Error(`${what} did not come in ${timeoutMs} ms: ${seen}`, { cause });
    }
    await delay(everyMs);
  }
}
