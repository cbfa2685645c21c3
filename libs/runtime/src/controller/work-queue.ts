import { backoffMs, type Clock } from '@k0smotron/core';

/** Ports and bounds of a {@link WorkQueue}. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Called when a key has become ready to be taken. */
  readonly onReady?: () => void;
  readonly random?: () => number;
  readonly baseMs?: number;
  readonly capMs?: number;
}

/** A key handed out by {@link WorkQueue.take}. */
export interface TakenKey {
  readonly key: string;
  /** How long it was ready before it was taken. */
  readonly waitedMs: number;
}

/** One for all: a reason of its own would cost a stack each time. */
const cancelled = new Error('cancelled');

/**
 * A set of keys in order of arrival. A key is never handed out twice at once: adding one that is being worked on makes it
 * ready again after {@link finish}. Each key has at most one delayed add: the earliest wins, and taking the key drops it,
 * since the run decides anew when to look again.
 */
export class WorkQueue {
  readonly #options: Required<WorkQueueOptions>;
  /** Ready keys and since when. */
  readonly #ready = new Map<string, number>();
  readonly #taken = new Set<string>();
  /** Added while taken. */
  readonly #dirty = new Set<string>();
  readonly #delayed = new Map<string, { readonly dueMs: number; readonly stop: AbortController }>();
  readonly #failures = new Map<string, number>();
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = { onReady: () => undefined, random: Math.random, baseMs: 1000, capMs: 5 * 60_000, ...options };
  }

  /** Keys ready to be taken. */
  get depth(): number {
    return this.#ready.size;
  }

  /** Keys waiting for their time. */
  get waiting(): number {
    return this.#delayed.size;
  }

  /** Makes a key ready; any number of adds before it is taken are one. */
  add(key: string): void {
    if (this.#closed) return;
    if (this.#taken.has(key)) {
      this.#dirty.add(key);
      return;
    }
    this.#cancelDelay(key);
    if (this.#ready.has(key)) return;
    this.#ready.set(key, this.#options.clock.monotonicMs());
    this.#options.onReady();
  }

  /** Adds the key after `ms`, unless something adds it sooner. */
  addAfter(key: string, ms: number): void {
    if (this.#closed || this.#ready.has(key)) return;
    const dueMs = this.#options.clock.monotonicMs() + ms;
    const present = this.#delayed.get(key);
    if (present && present.dueMs <= dueMs) return;
    this.#cancelDelay(key);
    const stop = new AbortController();
    this.#delayed.set(key, { dueMs, stop });
    this.#options.clock.sleep(ms, stop.signal).then(
      () => {
        if (this.#delayed.get(key)?.stop !== stop) return;
        this.#delayed.delete(key);
        this.add(key);
      },
      () => undefined, // cancelled
    );
  }

  /** Adds the key after its back-off, which doubles with each failure; gives the delay in milliseconds. */
  addFailed(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const { baseMs, capMs, random } = this.#options;
    const delayMs = backoffMs(failures, { baseMs, capMs }, random);
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** Forgets the failures of a key. */
  succeed(key: string): void {
    this.#failures.delete(key);
  }

  /** The oldest ready key, exclusively until {@link finish}; undefined when none is ready. */
  take(): TakenKey | undefined {
    const [first] = this.#ready;
    if (!first) return undefined;
    const [key, sinceMs] = first;
    this.#ready.delete(key);
    this.#taken.add(key);
    return { key, waitedMs: this.#options.clock.monotonicMs() - sinceMs };
  }

  /** Ends the exclusive hold; the key is ready again at once if it was added meanwhile. */
  finish(key: string): void {
    this.#taken.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
  }

  /** Drops everything and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#ready.clear();
    this.#dirty.clear();
    this.#failures.clear();
    for (const key of [...this.#delayed.keys()]) this.#cancelDelay(key);
  }

  #cancelDelay(key: string): void {
    this.#delayed.get(key)?.stop.abort(cancelled);
    this.#delayed.delete(key);
  }
}
