import { describe, expect, it } from '@jest/globals';
import { JobPool, type FinishedJob } from './job-pool.ts';

/** A job that ends when told or aborted. */
function aJob() {
  const ends = Promise.withResolvers<void>();
  const job = {
    started: 0,
    end: () => ends.resolve(),
    run: (signal: AbortSignal): Promise<void> => {
      job.started += 1;
      signal.addEventListener('abort', () => ends.reject(signal.reason as Error));
      return ends.promise;
    },
  };
  return job;
}
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('JobPool', () => {
  it('runs one job per key', () => {
    const pool = new JobPool();
    const [first, second] = [aJob(), aJob()];
    expect(pool.start('a', first.run)).toBe('started');
    expect(pool.start('a', second.run)).toBe('running');
    expect([first.started, second.started]).toEqual([1, 0]);
    expect(pool.running('a')).toBe(true);
  });

  it('runs no more than its size at once; the others wait in order', async () => {
    const pool = new JobPool({ size: 2 });
    const jobs = [aJob(), aJob(), aJob(), aJob()];
    for (const [index, job] of jobs.entries()) expect(pool.start(`job-${index}`, job.run)).toBe('started');
    expect(jobs.map(({ started }) => started)).toEqual([1, 1, 0, 0]);
    jobs[0]?.end();
    await soon();
    expect(jobs.map(({ started }) => started)).toEqual([1, 1, 1, 0]);
    expect(pool.running('job-3')).toBe(true);
  });

  it('wakes the key of a finished job, and tells how it ended', async () => {
    const pool = new JobPool();
    const finished: FinishedJob[] = [];
    const woken: unknown[] = [];
    pool.onFinished((job) => finished.push(job));
    const stop = pool.source(
      (key) => woken.push(key),
      () => undefined,
    );
    const wake = { namespace: 'ns', name: 'm' };
    pool.start('good', () => Promise.resolve(), { wake });
    pool.start('bad', () => Promise.reject(new Error('exit 3')), { wake });
    await soon();
    expect(woken).toEqual([wake, wake]);
    expect(finished.map(({ key, error }) => [key, error?.message])).toEqual([
      ['good', undefined],
      ['bad', 'exit 3'],
    ]);
    expect(pool.failure('bad')?.message).toBe('exit 3');
    expect(pool.failure('good')).toBeUndefined();
    stop();
    pool.start('good', () => Promise.resolve(), { wake });
    expect(pool.failure('good')).toBeUndefined();
    await soon();
    expect(woken).toHaveLength(2);
  });

  it('forgets a failure when the key starts again', async () => {
    const pool = new JobPool();
    pool.start('a', () => Promise.reject(new Error('exit 3')));
    await soon();
    pool.start('a', aJob().run);
    expect(pool.failure('a')).toBeUndefined();
  });

  it('cancels a running job and one that waits, and resolves when they have ended', async () => {
    const pool = new JobPool({ size: 1 });
    const [running, waiting] = [aJob(), aJob()];
    pool.start('running', running.run);
    pool.start('waiting', waiting.run);
    await pool.cancel('waiting');
    await pool.cancel('running');
    await pool.cancel('unknown');
    expect([running.started, waiting.started]).toEqual([1, 0]);
    expect(pool.running('running') || pool.running('waiting')).toBe(false);
    expect(pool.failure('running')?.message).toBe('the job was cancelled');
  });

  it('aborts a job at its deadline', async () => {
    const pool = new JobPool();
    const finished = Promise.withResolvers<FinishedJob>();
    pool.onFinished((job) => finished.resolve(job));
    pool.start('slow', aJob().run, { deadlineMs: 20 });
    expect((await finished.promise).error?.message).toBe('no end within 0.02 s');
  });

  it('contains a job that throws at once and a listener that throws', async () => {
    const pool = new JobPool();
    pool.onFinished(() => {
      throw new Error('listener');
    });
    pool.start('a', () => {
      throw new Error('at once');
    });
    await soon();
    expect(pool.failure('a')?.message).toBe('at once');
  });

  it('drains: aborts all, takes no more', async () => {
    const pool = new JobPool({ size: 1 });
    pool.start('a', aJob().run);
    pool.start('b', aJob().run);
    await pool.drain();
    expect(pool.running('a') || pool.running('b')).toBe(false);
    expect(() => pool.start('c', aJob().run)).toThrow(/no new jobs/);
  });
});
