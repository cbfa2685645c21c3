import { backoffMs, type Clock, type ObjectKey } from '@k0smotron/core';
import type { JobPool } from '@k0smotron/runtime';
import type { HostFailure } from './host-failure.ts';
import { IdleSessions } from './idle-sessions.ts';
import { paceOf, throttledWake, type Pace, type ThrottledWake } from './throttled-wake.ts';

/** How the work on one host stands. Only a cache of the host's own journal: a restarted process asks the host again. */
export type HostReport =
  /** `lastFailure` is that of the try before: it is shown until this one has done better. */
  | { readonly kind: 'running'; readonly doing: string; readonly sinceMs: number; readonly lastFailure?: HostFailure }
  | { readonly kind: 'succeeded' }
  /** `failingSinceMs`: when the first of the tries in a row began, by the monotonic clock. */
  | {
      readonly kind: 'failed';
      readonly failure: HostFailure;
      readonly retryAtMs: number;
      readonly failingSinceMs: number;
    };

/** What one piece of work is told. */
export interface HostWorkOptions {
  /** Machine uid and purpose, e.g. `<uid>/bootstrap`: one at a time for each. */
  readonly id: string;
  /** The key to wake when the work ends or moves on. */
  readonly wake: ObjectKey;
  /** Of everything that the outcome depends on; finished work starts again at once when it changed. */
  readonly inputs: string;
  /** Of what only matters after a failure, such as a host key pin; work that failed starts again at once when it changed. */
  readonly hopes?: string;
  readonly run: (say: (doing: string) => void, signal: AbortSignal) => Promise<void>;
  /** Turns whatever was thrown into what the user reads. */
  readonly explain: (cause: unknown) => HostFailure;
}

interface Entry {
  readonly inputs: string;
  readonly hopes: string | undefined;
  readonly attempts: number;
  readonly firstTryMs: number;
  readonly report: HostReport;
}

const retry = { baseMs: 2000, capMs: 60_000 };

/** Work on hosts, outside the reconcile: bounded, one piece per host, remembered until it is forgotten (design.md). */
export class HostWork {
  readonly #pool: JobPool;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** Connections that one piece of work leaves to the next. */
  readonly sessions: IdleSessions;
  #running = 0;
  #wake: (key: ObjectKey) => void = () => undefined;

  constructor(pool: JobPool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
    this.sessions = new IdleSessions(clock);
  }

  /** The key source of the controller that starts the work. */
  readonly source = (enqueue: (key: ObjectKey) => void): (() => void) => {
    this.#wake = enqueue;
    return () => (this.#wake = () => undefined);
  };

  /** How the work stands; undefined when this process has not begun it. */
  report(id: string): HostReport | undefined {
    return this.#entries.get(id)?.report;
  }

  /** Starts the work unless it runs, has succeeded, or failed with these inputs a moment ago; says how it stands. */
  ensure(options: HostWorkOptions): HostReport {
    const before = this.#entries.get(options.id);
    if (before?.report.kind === 'running') return before.report;
    const sameInputs = before?.inputs === options.inputs;
    if (sameInputs && before.report.kind === 'succeeded') return before.report;
    if (sameInputs && before.hopes === options.hopes && this.#restsUntil(before) > 0) return before.report;
    return this.#start(options, sameInputs ? before : undefined);
  }

  /** True for work that began a moment ago and has nothing to tell yet: soon it wakes its key, or has ended. */
  isFresh(report: HostReport): boolean {
    if (report.kind !== 'running' || report.lastFailure) return false;
    return this.#clock.monotonicMs() - report.sinceMs < this.#pace().firstMs;
  }

  /** Milliseconds until failed work may start again. */
  retryInMs({ retryAtMs }: Extract<HostReport, { kind: 'failed' }>): number {
    return Math.max(0, retryAtMs - this.#clock.monotonicMs());
  }

  /** Stops watching the work and forgets it; what runs on the host goes on until it is cancelled there. */
  async cancel(id: string): Promise<void> {
    await this.#pool.cancel(id);
    this.#entries.delete(id);
  }

  /** Ends all work and closes what is open, at the end of the process. */
  async drain(): Promise<void> {
    await this.#pool.drain();
    this.sessions.close();
  }

  #pace(): Pace {
    return paceOf(this.#running);
  }

  #restsUntil({ report }: Entry): number {
    return report.kind === 'failed' ? this.retryInMs(report) : 0;
  }

  #start(options: HostWorkOptions, before: Entry | undefined): HostReport {
    const { id, inputs, hopes } = options;
    const attempts = (before?.attempts ?? 0) + 1;
    const lastFailure = before?.report.kind === 'failed' ? before.report.failure : undefined;
    const sinceMs = this.#clock.monotonicMs();
    const firstTryMs = before?.firstTryMs ?? sinceMs;
    const set = (report: HostReport): HostReport => {
      this.#entries.set(id, { inputs, hopes, attempts, firstTryMs, report });
      return report;
    };
    const running = (doing: string): HostReport =>
      set({ kind: 'running', doing, sinceMs, ...(lastFailure ? { lastFailure } : {}) });
    const report = running('waiting for a free place among the host jobs');
    const moved = throttledWake(
      this.#clock,
      () => this.#wake(options.wake),
      () => this.#pace(),
    );
    moved.soon();
    this.#pool.start(id, (signal) => this.#work(options, { running, set, attempts, firstTryMs, moved }, signal));
    return this.#entries.get(id)?.report ?? report;
  }

  async #work(
    { wake, run, explain }: HostWorkOptions,
    entry: {
      running(doing: string): void;
      set(report: HostReport): void;
      readonly attempts: number;
      readonly firstTryMs: number;
      readonly moved: ThrottledWake;
    },
    signal: AbortSignal,
  ): Promise<void> {
    const say = (doing: string): void => {
      entry.running(doing);
      entry.moved.soon();
    };
    this.#running += 1;
    try {
      await run(say, signal);
      entry.set({ kind: 'succeeded' });
    } catch (cause) {
      const retryAtMs = this.#clock.monotonicMs() + backoffMs(entry.attempts, retry);
      entry.set({ kind: 'failed', failure: explain(cause), retryAtMs, failingSinceMs: entry.firstTryMs });
    } finally {
      this.#running -= 1;
      entry.moved.stop();
      this.#wake(wake);
    }
  }
}
