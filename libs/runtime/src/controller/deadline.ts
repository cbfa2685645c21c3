import type { Clock } from '@k0smotron/core';

/** The work did not end although its signal was aborted; it still runs, so its key must not be worked on by others. */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError';
}

/** Bounds and result of {@link withDeadline}. */
export interface DeadlineOptions {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** How long the work may take to end after its signal was aborted. */
  readonly graceMs: number;
  /** Aborts the work as well, e.g. at shutdown. */
  readonly parent: AbortSignal;
}

/** One for all: a reason of its own would cost a stack each time. */
const ended = new Error('the work has ended');

/**
 * Runs `work` with a signal that aborts after `deadlineMs` or with its parent.
 *
 * @throws AbandonedError when the work did not end within the grace after that; whatever the work throws otherwise.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { clock, deadlineMs, graceMs, parent }: DeadlineOptions,
): Promise<T> {
  const stop = new AbortController();
  const over = new AbortController();
  const abort = (): void => stop.abort(parent.reason);
  if (parent.aborted) abort();
  parent.addEventListener('abort', abort, { once: true });

  const watchdog = async (): Promise<never> => {
    await clock.sleep(deadlineMs, AbortSignal.any([over.signal, stop.signal])).catch(() => undefined);
    if (over.signal.aborted) return await new Promise<never>(() => undefined); // the work has ended
    stop.abort(new Error(`no end within ${deadlineMs / 1000} s`));
    await clock.sleep(graceMs, over.signal).catch(() => undefined);
    if (over.signal.aborted) return await new Promise<never>(() => undefined);
    throw new AbandonedError(`did not end within ${graceMs / 1000} s after it was aborted`, {
      cause: stop.signal.reason,
    });
  };

  try {
    return await Promise.race([call(work, stop.signal), watchdog()]);
  } finally {
    over.abort(ended);
    parent.removeEventListener('abort', abort);
  }
}

/** Work that throws before its first await is a rejection like any other. */
const call = async <T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> =>
  await work(signal);
