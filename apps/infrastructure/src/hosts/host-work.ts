import { backoffMs, type Clock, type ObjectKey } from '@k0smotron/core';
import type { JobPool } from '@k0smotron/runtime';
import type { HostFailure } from './host-failure.ts';

/** How the work on one host stands. Only a cache of the host's own journal: a restarted process asks the host again. */
export type HostReport =
  | { readonly kind: 'running'; readonly doing: string }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly failure: HostFailure; readonly since: string; readonly retryAtMs: number };

/** What one piece of work is told. */
export interface HostWorkOptions {
  /** Machine uid and purpose, e.g. `<uid>/provision`: one at a time for each. */
  readonly id: string;
  /** The key to wake when the work ends or moves on. */
  readonly wake: ObjectKey;
  /** Of everything that the outcome depends on; work that failed starts again at once when it changed. */
  readonly inputs: string;
  readonly run: (say: (doing: string) => void, signal: AbortSignal) => Promise<void>;
  /** Turns whatever was thrown into what the user reads. */
  readonly explain: (cause: unknown) => HostFailure;
}

interface Entry {
  readonly inputs: string;
  readonly attempts: number;
  readonly report: HostReport;
}

const retry = { baseMs: 2000, capMs: 60_000 };

/** Work on hosts, outside the reconcile: bounded, one piece per host, remembered until it is forgotten (design.md). */
export class HostWork {
  readonly #pool: JobPool;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #wake: (key: ObjectKey) => void = () => undefined;

  constructor(pool: JobPool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  /** The key source of the controller that starts the work. */
  readonly source = (enqueue: (key: ObjectKey) => void): (() => void) => {
    this.#wake = enqueue;
    return () => (this.#wake = () => undefined);
  };

  /** Starts the work unless it runs, has succeeded, or failed with these inputs a moment ago; says how it stands. */
  ensure(options: HostWorkOptions): HostReport {
    const before = this.#entries.get(options.id);
    if (before?.report.kind === 'running') return before.report;
    const sameInputs = before?.inputs === options.inputs;
    if (sameInputs && before.report.kind === 'succeeded') return before.report;
    if (sameInputs && before.report.kind === 'failed' && this.#clock.monotonicMs() < before.report.retryAtMs) {
      return before.report;
    }
    return this.#start(options, sameInputs ? before.attempts + 1 : 1);
  }

  /** Milliseconds until failed work may start again. */
  retryInMs({ retryAtMs }: Extract<HostReport, { kind: 'failed' }>): number {
    return Math.max(0, retryAtMs - this.#clock.monotonicMs());
  }

  /** Stops the work, the remote command included, and forgets it. */
  async cancel(id: string): Promise<void> {
    await this.#pool.cancel(id);
    this.#entries.delete(id);
  }

  #start(options: HostWorkOptions, attempts: number): HostReport {
    const { id, wake, inputs } = options;
    const set = (report: HostReport): HostReport => {
      this.#entries.set(id, { inputs, attempts, report });
      return report;
    };
    const say = (doing: string): void => {
      set({ kind: 'running', doing });
      this.#wake(wake);
    };
    this.#pool.start(id, async (signal) => {
      try {
        await options.run(say, signal);
        set({ kind: 'succeeded' });
      } catch (cause) {
        const retryAtMs = this.#clock.monotonicMs() + backoffMs(attempts, retry);
        const failure = options.explain(cause);
        set({ kind: 'failed', failure, since: this.#clock.now().toISOString(), retryAtMs });
      } finally {
        this.#wake(wake);
      }
    });
    return set({ kind: 'running', doing: 'waiting for a free place among the host jobs' });
  }
}
