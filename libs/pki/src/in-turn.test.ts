import { expect, it } from '@jest/globals';
import { inTurn } from './in-turn.ts';

it('runs so many at once, in order, and goes on after a failure', async () => {
  const twoAtOnce = inTurn(2);
  const order: number[] = [];
  let [running, most] = [0, 0];
  const work = (at: number) => async (): Promise<number> => {
    order.push(at);
    most = Math.max(most, (running += 1));
    await Promise.resolve();
    running -= 1;
    if (at === 1) throw new Error('one failed');
    return at;
  };
  const ends = await Promise.allSettled([0, 1, 2, 3, 4].map((at) => twoAtOnce(work(at))));
  expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : 'failed'))).toEqual([0, 'failed', 2, 3, 4]);
  expect([order, most]).toEqual([[0, 1, 2, 3, 4], 2]);
  expect(await twoAtOnce(work(5))).toBe(5);
});
