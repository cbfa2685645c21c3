import { describe, expect, it } from '@jest/globals';
import { systemClock, type Clock, type KubeObject } from '@k0smotron/core';
import { eventually, fakeClock } from '@k0smotron/testing';
import { fakeKube, Widget } from '../testing/index.ts';
import { Cache } from './cache.ts';
import { KubeError, NotFoundError, TooManyRequestsError, UnreachableError } from './errors.ts';
import { reflect } from './reflect.ts';

const widget = (name: string, size = 1): KubeObject & { spec: { size: number } } => ({
  apiVersion: 'contract.k0smotron.io/v1',
  kind: 'Widget',
  metadata: { namespace: 'a', name } as KubeObject['metadata'],
  spec: { size },
});

/** Remembers the pauses that were asked for, and makes them short. */
function hurriedClock(): Clock & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    ...systemClock,
    pauses,
    sleep: (ms, signal) => {
      pauses.push(ms);
      return systemClock.sleep(1, signal);
    },
  };
}

function follow(options: { readonly kube?: ReturnType<typeof fakeKube> } = {}) {
  const kube = options.kube ?? fakeKube({ objects: [widget('x')] });
  const cache = new Cache<Widget>();
  const clock = hurriedClock();
  const over = new AbortController();
  const ended = reflect({ client: kube, kind: Widget, sink: cache, clock }, over.signal);
  const sizes = (): Record<string, number | undefined> =>
    Object.fromEntries(cache.list().map(({ metadata, spec }) => [metadata.name, spec?.size]));
  const shows = (wanted: Record<string, number>): Promise<void> => eventually(() => expect(sizes()).toEqual(wanted));
  const stop = async (): Promise<void> => {
    over.abort();
    await ended;
  };
  const count = (verb: string): number => kube.calls.filter((call) => call.verb === verb).length;
  return { kube, cache, clock, shows, stop, count };
}

describe('reflect', () => {
  it('lists, then follows changes', async () => {
    const { kube, shows, stop } = follow();
    await shows({ x: 1 });
    kube.seed(widget('y', 2));
    await shows({ x: 1, y: 2 });
    await kube.remove(Widget, { namespace: 'a', name: 'x' });
    await shows({ y: 2 });
    await stop();
  });

  it('resumes a watch that was cut without listing again', async () => {
    const { kube, shows, stop, count } = follow();
    await shows({ x: 1 });
    kube.seed(widget('y', 2));
    await shows({ x: 1, y: 2 });
    kube.cutWatches();
    kube.seed(widget('y', 3));
    await shows({ x: 1, y: 3 });
    await stop();
    expect(count('list')).toBe(1);
  });

  it('lists again after 410 and notices what was removed meanwhile', async () => {
    const { kube, shows, stop, count } = follow();
    await shows({ x: 1 });
    await kube.remove(Widget, { namespace: 'a', name: 'x' });
    kube.seed(widget('y', 2));
    kube.expireWatches();
    await shows({ y: 2 });
    await stop();
    expect(count('list')).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['the server is away', new UnreachableError('connect ECONNREFUSED')],
    ['the kind is not there yet', new NotFoundError(404, 'NotFound', 'not found')],
    ['it may not', new KubeError(403, 'Forbidden', 'forbidden')],
  ])('goes on trying when %s', async (_, error) => {
    const kube = fakeKube({ objects: [widget('x')] });
    for (let i = 0; i < 5; i += 1) kube.failNext('list', error);
    const { shows, stop, clock } = follow({ kube });
    await shows({ x: 1 });
    await stop();
    expect(clock.pauses.slice(0, 5).every((ms, at) => at === 0 || ms > (clock.pauses[0] ?? 0) / 4)).toBe(true);
    expect(clock.pauses[4]).toBeGreaterThan(1_500);
  });

  it('lists again when the server keeps refusing to resume, ever more rarely', async () => {
    const kube = fakeKube({ objects: [widget('x')] });
    for (let i = 0; i < 7; i += 1) kube.failNext('watch', new KubeError(500, 'InternalError', 'PrevKv=nil'));
    const { shows, stop, count, clock } = follow({ kube });
    await shows({ x: 1 });
    await eventually(() => expect(count('watch')).toBe(8));
    kube.seed(widget('x', 2));
    await shows({ x: 2 });
    await stop();
    expect(count('list')).toBe(3);
    expect(clock.pauses[6]).toBeGreaterThan(4_000);
  });

  it('does not list again because the server is away or busy', async () => {
    const kube = fakeKube({ objects: [widget('x')] });
    for (let i = 0; i < 4; i += 1) kube.failNext('watch', new UnreachableError('connect ECONNREFUSED'));
    for (let i = 0; i < 4; i += 1) kube.failNext('watch', new TooManyRequestsError('TooManyRequests', 'slow down', 1));
    const { shows, stop, count } = follow({ kube });
    await shows({ x: 1 });
    await eventually(() => expect(count('watch')).toBe(9));
    kube.seed(widget('x', 2));
    await shows({ x: 2 });
    await stop();
    expect(count('list')).toBe(1);
  });

  it('waits as long as the server asks', async () => {
    const kube = fakeKube({ objects: [widget('x')] });
    kube.failNext('list', new TooManyRequestsError('TooManyRequests', 'slow down', 7_000));
    const { shows, stop, clock } = follow({ kube });
    await shows({ x: 1 });
    await stop();
    expect(clock.pauses[0]).toBeGreaterThanOrEqual(7_000);
  });

  it('asks rarely for a kind that is not served, and at once when it may have come', async () => {
    const kube = fakeKube({ objects: [widget('x')] });
    kube.unserve(Widget);
    const cache = new Cache<Widget>();
    const clock = fakeClock();
    const over = new AbortController();
    let defined = (): void => undefined;
    const onDefined = (listener: () => void) => {
      defined = listener;
      return () => undefined;
    };
    const ended = reflect({ client: kube, kind: Widget, sink: cache, clock, onDefined, random: () => 1 }, over.signal);
    const asked = (): number => kube.calls.length;
    await eventually(() => expect(asked()).toBe(1));
    for (let seconds = 0; seconds < 3600; seconds += 1) await clock.advance(1_000);
    const afterAnHour = asked();
    expect(afterAnHour).toBeGreaterThan(20);
    expect(afterAnHour).toBeLessThan(25); // eleven while the pauses grow, then one in five minutes
    defined(); // told before it is served
    await eventually(() => expect(asked()).toBe(afterAnHour + 1));
    kube.serve(Widget);
    await clock.advance(500);
    await eventually(() => expect(cache.list()).toHaveLength(1));
    over.abort();
    await ended;
  });

  it('keeps what it knows of a kind that is served no more, and follows it again later', async () => {
    const kube = fakeKube({ objects: [widget('x')] });
    const { cache, shows, stop } = follow({ kube });
    await shows({ x: 1 });
    const answers: boolean[] = [];
    cache.onServed((served) => answers.push(served));
    kube.unserve(Widget);
    await eventually(() => expect(cache.served).toBe(false));
    expect(cache.list()).toHaveLength(1);
    kube.seed(widget('x', 2));
    kube.serve(Widget);
    await shows({ x: 2 });
    await stop();
    expect(answers).toEqual([false, true]);
  });

  it('ends when aborted', async () => {
    const { shows, stop } = follow();
    await shows({ x: 1 });
    await stop();
  });
});
