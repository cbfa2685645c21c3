import { setTimeout as delay } from 'node:timers/promises';

import { HopelessError, LabError, messageOf } from './lab-error.ts';

/** How long to look, and what the failure is called. */
export interface WaitOptions {
  readonly what: string;
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Looks until `check` gives something other than false or undefined, and returns that.
 * A thrown HopelessError ends the wait at once; any other error means "not yet".
 * @throws LabError with the last error seen when the time is over.
 */
export async function waitUntil<T>(
  check: () => Promise<T | false | undefined> | T | false | undefined,
  { what, timeoutMs = 60_000, intervalMs = 50 }: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value !== false && value !== undefined) return value;
    } catch (error) {
      if (error instanceof HopelessError) throw error;
      last = error;
    }
    if (Date.now() > deadline) {
      const detail = last === undefined ? '' : `: ${messageOf(last)}`;
      throw new LabError(`waited ${timeoutMs / 1000} s for ${what}${detail}`, { cause: last });
    }
    await delay(intervalMs);
  }
}
