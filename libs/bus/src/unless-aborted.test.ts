import { describe, expect, it } from '@jest/globals';
import { unlessAborted } from './unless-aborted.ts';

const stopping = new Error('stopping');

describe('unlessAborted', () => {
  it('gives what the promise gives', async () => {
    await expect(unlessAborted(Promise.resolve(1), new AbortController().signal)).resolves.toBe(1);
  });

  it('gives the reason as soon as the signal is aborted', async () => {
    const abort = new AbortController();
    const result = unlessAborted(new Promise(() => undefined), abort.signal);
    abort.abort(stopping);
    await expect(result).rejects.toBe(stopping);
  });

  it('leaves no rejection unhandled when the promise fails after an abort', async () => {
    const unhandled: unknown[] = [];
    const listener = (cause: unknown): void => void unhandled.push(cause);
    process.on('unhandledRejection', listener);
    try {
      const late = Promise.withResolvers<never>();
      await expect(unlessAborted(late.promise, AbortSignal.abort(stopping))).rejects.toBe(stopping);
      late.reject(new Error('connection closed'));
      await new Promise((resolve) => setImmediate(resolve)); // unhandled rejections are told at the end of a turn
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listener);
    }
  });
});
