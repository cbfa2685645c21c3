/** Lets one loop sleep until there is something to do. A wake-up while it works is not lost. */
export class Waker {
  #woken = Promise.withResolvers<void>();

  wake(): void {
    this.#woken.resolve();
  }

  /** Resolves at the next wake-up, or after `limitMs` (Infinity for never); rejects with the signal's reason. */
  async next(limitMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const end = Promise.withResolvers<void>();
    const abort = (): void => end.reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    // Timers take 32 bits at most.
    const timer = Number.isFinite(limitMs)
      ? setTimeout(() => end.resolve(), Math.min(limitMs, 2 ** 31 - 1))
      : undefined;
    try {
      await Promise.race([this.#woken.promise, end.promise]);
      this.#woken = Promise.withResolvers();
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }
}
