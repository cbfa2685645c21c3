import { describe, expect, it } from '@jest/globals';
import { eventually } from '@k0smotron/testing';
import { noSignal } from '../../testing/a-plane.ts';
import { Lines, type Line, type LinesOptions } from './lines.ts';

/** Lines that answer with their number; one that is made deaf is silent, as a half-open connection is. */
const world = (options: Partial<LinesOptions> = {}) => {
  const lost: string[] = [];
  const lines = new Lines({ lost: (uid) => lost.push(uid), pauseMs: 0, reuseLimitMs: 50, ...options });
  const made: (Line & { readonly end: () => void; deaf: boolean; isClosed: boolean })[] = [];
  const open = () => {
    const { promise: closed, resolve: end } = Promise.withResolvers<void>();
    const close = (): void => {
      line.isClosed = true;
      end();
    };
    const line = { watched: true, closed, close, end, deaf: false, isClosed: false };
    made.push(line);
    return Promise.resolve(line);
  };
  const answer = (line: Awaited<ReturnType<typeof open>>, signal: AbortSignal): Promise<number> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('no answer')));
      if (!line.deaf) resolve(made.indexOf(line));
    });
  const ask = async (uid = 'u', inputs = 'ca', keep = true): Promise<number> => {
    const asked = await lines.ask({ uid, service: 'etcd', inputs, keep, open }, answer, noSignal);
    asked.done();
    return asked.answer;
  };
  return { lines, made, lost, ask, isWatched: () => lines.isWatched('u', 'etcd') };
};

describe('a line to a service of a controller', () => {
  it('is used again', async () => {
    const { ask, made, isWatched } = world();
    expect([await ask(), await ask(), await ask()]).toEqual([0, 0, 0]);
    expect(isWatched()).toBe(true);
    expect(made[0]?.isClosed).toBe(false);
  });

  it('is made anew for another authority, and nobody is told', async () => {
    const { ask, made, lost } = world();
    expect([await ask('u', 'ca'), await ask('u', 'another ca')]).toEqual([0, 1]);
    expect(made[0]?.isClosed).toBe(true);
    expect(lost).toEqual([]);
  });

  it('that is half-open is noticed within its limit, and a new one answers in the same look', async () => {
    const { ask, made } = world();
    await ask();
    Object.assign(made[0] ?? {}, { deaf: true });
    expect(await ask()).toBe(1);
    expect(made[0]?.isClosed).toBe(true);
  });

  it('that ends by itself is told of, once', async () => {
    const { ask, made, lost, isWatched } = world();
    await ask();
    made[0]?.end();
    await eventually(() => Promise.resolve(expect(lost).toEqual(['u'])));
    expect(isWatched()).toBe(false);
    expect(await ask()).toBe(1);
  });

  it('that ends at once is told of after a pause, so that nobody asks in a circle', async () => {
    const { ask, made, lost } = world({ pauseMs: 150 });
    await ask();
    const endedMs = performance.now();
    made[0]?.end();
    await eventually(() => Promise.resolve(expect(lost).toEqual(['u'])), { everyMs: 5 });
    expect(performance.now() - endedMs).toBeGreaterThan(100);
  });

  it('is closed with its host, and nobody is told', async () => {
    const { ask, made, lost, lines } = world();
    await ask();
    lines.forget('u');
    await made[0]?.closed;
    expect([made[0]?.isClosed, lost]).toEqual([true, []]);
  });

  it('is closed when nobody asks any more', async () => {
    const { ask, made, isWatched } = world({ idleMs: 10 });
    await ask();
    await made[0]?.closed;
    expect(isWatched()).toBe(false);
  });

  it('is opened for one look where it is not worth its memory', async () => {
    const { ask, made, lost } = world();
    expect([await ask('u', 'ca', false), await ask('u', 'ca', false)]).toEqual([0, 1]);
    expect([made.map(({ isClosed }) => isClosed), lost]).toEqual([[true, true], []]);
  });

  it('is opened for one look where enough are kept', async () => {
    const { ask, made } = world({ most: 1 });
    expect([await ask('u'), await ask('v'), await ask('v'), await ask('u')]).toEqual([0, 1, 2, 0]);
    expect(made.map(({ isClosed }) => isClosed)).toEqual([false, true, true]);
  });
});
