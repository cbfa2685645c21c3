import { describe, expect, it } from '@jest/globals';
import { JobPool } from '@k0smotron/runtime';
import { fakeClock } from '@k0smotron/testing';
import { explainFailure } from './host-failure.ts';
import { HostWork, type HostReport, type HostWorkOptions } from './host-work.ts';

const settle = (): Promise<void> => new Promise(setImmediate);

function setUp() {
  const clock = fakeClock();
  const work = new HostWork(new JobPool({ clock }), clock);
  const woken: string[] = [];
  work.source(({ name }) => void woken.push(name));
  const ensure = (over: Partial<HostWorkOptions> = {}): HostReport =>
    work.ensure({
      id: 'uid/bootstrap',
      wake: { name: 'one' },
      inputs: 'a',
      explain: explainFailure,
      run: () => Promise.resolve(),
      ...over,
    });
  return { clock, work, woken, ensure };
}

const failing = { run: () => Promise.reject(new Error('no')) };

describe('HostWork', () => {
  it('runs one piece of work once and remembers that it succeeded', async () => {
    const { ensure, woken } = setUp();
    let runs = 0;
    const run = (): Promise<void> => {
      runs += 1;
      return Promise.resolve();
    };
    expect(ensure({ run }).kind).toBe('running');
    await settle();
    expect(ensure({ run }).kind).toBe('succeeded');
    expect([runs, woken]).toEqual([1, ['one']]);
  });

  it('starts again at once when what it depends on has changed', async () => {
    const { ensure } = setUp();
    ensure(failing);
    await settle();
    expect(ensure().kind).toBe('failed');
    expect(ensure({ inputs: 'b' })).toEqual(expect.objectContaining({ kind: 'running' }));
  });

  it('rests after a failure, the longer the more there were, and shows the last one while it tries again', async () => {
    const { ensure, clock } = setUp();
    ensure(failing);
    await settle();
    const first = ensure(failing) as Extract<HostReport, { kind: 'failed' }>;
    expect(first.retryAtMs).toBeGreaterThanOrEqual(1000);
    expect(first.retryAtMs).toBeLessThanOrEqual(2000);
    await clock.advance(2000);
    expect(ensure(failing)).toMatchObject({ kind: 'running', lastFailure: { message: 'no' } });
    await settle();
    const second = ensure(failing) as Extract<HostReport, { kind: 'failed' }>;
    expect(second.retryAtMs - 2000).toBeGreaterThanOrEqual(2000);
    expect(second.failingSinceMs).toBe(first.failingSinceMs);
  });

  it('takes new hope after a failure only', async () => {
    const { ensure } = setUp();
    ensure({ hopes: 'old pin' });
    await settle();
    expect(ensure({ hopes: 'new pin' }).kind).toBe('succeeded');
    ensure({ ...failing, inputs: 'b', hopes: 'old pin' });
    await settle();
    expect(ensure({ inputs: 'b', hopes: 'old pin' }).kind).toBe('failed');
    expect(ensure({ inputs: 'b', hopes: 'new pin' }).kind).toBe('running');
  });

  it('wakes for steps a second after the start at the earliest, then every three seconds', async () => {
    const { ensure, clock, woken } = setUp();
    let say = (_doing: string): void => undefined;
    ensure({
      run: (tell) => {
        say = tell;
        return new Promise(() => undefined);
      },
    });
    for (const doing of ['one', 'two', 'three']) say(doing);
    await clock.advance(999);
    expect(woken).toHaveLength(0);
    await clock.advance(1);
    expect(woken).toHaveLength(1);
    expect(ensure()).toMatchObject({ kind: 'running', doing: 'three' });
    for (const doing of ['four', 'five']) say(doing);
    await clock.advance(2999);
    expect(woken).toHaveLength(1);
    await clock.advance(1);
    expect(woken).toHaveLength(2);
    await clock.advance(10_000);
    expect(woken).toHaveLength(2);
  });

  it('stops what is cancelled and forgets it', async () => {
    const { ensure, work } = setUp();
    let stopped = false;
    const run: HostWorkOptions['run'] = (_say, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(signal.reason as Error);
        }),
      );
    ensure({ run });
    await work.cancel('uid/bootstrap');
    expect([stopped, work.report('uid/bootstrap')]).toEqual([true, undefined]);
  });
});
