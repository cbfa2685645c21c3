import type { Fact } from '@k0smotron/events';
import { unlessAborted } from './unless-aborted.ts';

interface Entry {
  readonly fact: Fact;
  readonly settled: Promise<void>;
  readonly settle: () => void;
}

/** Facts on their way to the broker, oldest first, one per id, no more than `limit`. */
export class PublishQueue {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();
  #arrival = Promise.withResolvers<void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Adds a fact, or finds it there already. `settled` resolves when it has left; `dropped` had to make room. */
  add(fact: Fact): { readonly settled: Promise<void>; readonly dropped?: Fact } {
    const known = this.#entries.get(fact.id);
    if (known) return { settled: known.settled };

    const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
    this.#entries.set(fact.id, { fact, settled, settle });
    this.#arrival.resolve();
    const dropped = this.#entries.size > this.#limit ? this.#leastNeeded() : undefined;
    if (dropped) this.settle(dropped.id);
    return { settled, ...(dropped ? { dropped } : {}) };
  }

  /** The oldest fact, as soon as there is one; it stays until settled. Rejects when aborted. */
  async oldest(signal: AbortSignal): Promise<Fact> {
    for (;;) {
      const [entry] = this.#entries.values();
      if (entry) return entry.fact;
      this.#arrival = Promise.withResolvers();
      await unlessAborted(this.#arrival.promise, signal);
    }
  }

  /** Lets the others go first. */
  postpone(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#entries.set(id, entry);
  }

  /** Takes a fact out. */
  settle(id: string): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    entry?.settle();
  }

  /** Resolves when every fact that is queued now has left. */
  async drained(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ settled }) => settled));
  }

  /** Audit facts cannot be derived again (SR-8), so the oldest state fact goes first. */
  #leastNeeded(): Fact | undefined {
    const facts = [...this.#entries.values()].map(({ fact }) => fact);
    return facts.find(({ factclass }) => factclass === 'state') ?? facts[0];
  }
}
