import {
  messageOf,
  silentLogger,
  silentMeter,
  systemClock,
  type Clock,
  type Logger,
  type Meter,
} from '@k0smotron/core';
import type { ObjectKey } from '@k0smotron/core';
import type { KeySource } from './controller.ts';

/** Bounds and ports of a {@link JobPool}. */
export interface JobPoolOptions {
  /** Label of its metrics, e.g. `host`. */
  readonly name?: string;
  /** Jobs that run at once, 50 unless given; more wait in order. */
  readonly size?: number;
  /** A job that runs longer is aborted, 30 min unless given. Waiting for a place does not count. */
  readonly deadlineMs?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly meter?: Meter;
}

/** What one job wants besides its work. */
export interface JobOptions {
  /** Woken when the job has finished, through {@link JobPool.source}. */
  readonly wake?: ObjectKey;
  /** Instead of the pool's deadline. */
  readonly deadlineMs?: number;
}

/** How a job ended. */
export interface FinishedJob {
  readonly key: string;
  readonly wake?: ObjectKey;
  /** What it threw; absent when it succeeded. */
  readonly error?: Error;
}

interface Job extends JobOptions {
  readonly key: string;
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly stop: AbortController;
  readonly queuedAtMs: number;
  readonly ended: PromiseWithResolvers<void>;
}

/**
 * Long work outside the reconcile, such as a script on a host: at most one job per key, a bounded number at once, the
 * others wait in order. Whether a job reached its goal is read from the host, never from here: a restarted process has
 * an empty pool.
 */
export class JobPool {
  readonly #options: Required<JobPoolOptions>;
  readonly #jobs = new Map<string, Job>();
  readonly #waiting: Job[] = [];
  readonly #failures = new Map<string, Error>();
  readonly #listeners = new Set<(finished: FinishedJob) => void>();
  #active = 0;
  #draining = false;

  constructor(options: JobPoolOptions = {}) {
    this.#options = {
      name: 'host',
      size: 50,
      deadlineMs: 30 * 60_000,
      clock: systemClock,
      logger: silentLogger,
      meter: silentMeter,
      ...options,
    };
    const labels = { pool: this.#options.name };
    this.#options.meter.gauge('jobs', () => [
      { value: this.#active, labels: { ...labels, state: 'running' } },
      { value: this.#waiting.length, labels: { ...labels, state: 'waiting' } },
    ]);
  }

  /**
   * Starts a job, or queues it when the pool is full. `running` when the key has one already, which goes on undisturbed.
   * The signal given to the job aborts at its deadline, at {@link cancel} and at {@link drain}; the job must honour it.
   */
  start(key: string, run: (signal: AbortSignal) => Promise<void>, options: JobOptions = {}): 'started' | 'running' {
    if (this.#jobs.has(key)) return 'running';
    if (this.#draining) throw new Error('the process is stopping: no new jobs');
    this.#failures.delete(key);
    const queuedAtMs = this.#options.clock.monotonicMs();
    const job: Job = { ...options, key, run, queuedAtMs, stop: new AbortController(), ended: Promise.withResolvers() };
    this.#jobs.set(key, job);
    this.#waiting.push(job);
    this.#fill();
    return 'started';
  }

  /** True from `start` until the job has ended, waiting in the queue included. */
  running(key: string): boolean {
    return this.#jobs.has(key);
  }

  /** What the last finished job of the key threw; undefined after a success, after a new start, or for unknown keys. */
  failure(key: string): Error | undefined {
    return this.#failures.get(key);
  }

  /** Drops what is remembered of the last job of a key; call it when the object is gone. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Aborts the key's job, if any, and resolves when it has ended. */
  async cancel(key: string): Promise<void> {
    const job = this.#jobs.get(key);
    if (!job) return;
    job.stop.abort(new Error('the job was cancelled'));
    const place = this.#waiting.indexOf(job);
    if (place >= 0) {
      this.#waiting.splice(place, 1);
      this.#end(job, new Error('the job was cancelled before it began'));
    }
    await job.ended.promise;
  }

  /** Calls back after each job has ended; gives back how to stop that. */
  onFinished(listener: (finished: FinishedJob) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A source for a controller: wakes the `wake` key of each finished job. */
  readonly source: KeySource = (enqueue) =>
    this.onFinished(({ wake }) => {
      if (wake) enqueue(wake);
    });

  /** Refuses new jobs, aborts all and resolves when they have ended. What they started on hosts goes on there. */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#jobs.keys()].map((key) => this.cancel(key)));
  }

  #fill(): void {
    while (this.#active < this.#options.size) {
      const job = this.#waiting.shift();
      if (!job) return;
      this.#active += 1;
      void this.#work(job);
    }
  }

  async #work(job: Job): Promise<void> {
    const { clock, meter, name, deadlineMs } = this.#options;
    const startedAtMs = clock.monotonicMs();
    meter.seconds('job_wait', (startedAtMs - job.queuedAtMs) / 1000, { pool: name });
    const limitMs = job.deadlineMs ?? deadlineMs;
    const timer = setTimeout(() => job.stop.abort(new Error(`no end within ${limitMs / 1000} s`)), limitMs);
    timer.unref(); // a stopping process need not wait for it
    let error: Error | undefined;
    try {
      await job.run(job.stop.signal);
    } catch (cause) {
      error = cause instanceof Error ? cause : new Error(messageOf(cause));
    }
    clearTimeout(timer);
    this.#active -= 1;
    meter.seconds('job', (clock.monotonicMs() - startedAtMs) / 1000, { pool: name, outcome: error ? 'error' : 'done' });
    this.#end(job, error);
    this.#fill();
  }

  #end(job: Job, error: Error | undefined): void {
    this.#jobs.delete(job.key);
    if (error) this.#failures.set(job.key, error);
    job.ended.resolve();
    const { key, wake } = job;
    for (const listener of this.#listeners) {
      try {
        listener({ key, ...(wake ? { wake } : {}), ...(error ? { error } : {}) });
      } catch (cause) {
        this.#options.logger.error('Telling of a finished job failed', { error: messageOf(cause) });
      }
    }
  }
}
