import type { Clock } from '@k0smotron/core';
import { UnreachableError } from './errors.ts';

/** Runs `work` with a signal that fires after `limitMs` of the given clock, or with `parent`. */
export async function beforeDeadline<R>(
  clock: Clock,
  limitMs: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const late = new AbortController();
  const finished = new AbortController();
  const signal = parent ? AbortSignal.any([parent, late.signal]) : late.signal;
  const alarm = clock.sleep(limitMs, finished.signal).then(
    () => late.abort(new UnreachableError(`no answer within ${limitMs} ms`)),
    () => undefined,
  );
  try {
    return await work(signal);
  } finally {
    finished.abort(new Error('done'));
    await alarm;
  }
}
