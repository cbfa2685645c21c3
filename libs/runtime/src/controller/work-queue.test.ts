import { describe, expect, it } from '@jest/globals';
import { fakeClock } from '@k0smotron/testing';
import fc from 'fast-check';
import { WorkQueue } from './work-queue.ts';

function aQueue() {
  const clock = fakeClock();
  return { clock, queue: new WorkQueue({ clock, random: () => 1 }) };
}

describe('WorkQueue', () => {
  it('gives each key once, in order of arrival, however often it was added', () => {
    const { queue } = aQueue();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect([queue.take()?.key, queue.take()?.key, queue.take()]).toEqual(['a', 'b', undefined]);
  });

  it('holds back a key that is worked on, and gives it again afterwards if it was added meanwhile', () => {
    const { queue } = aQueue();
    queue.add('a');
    queue.take();
    queue.add('a');
    queue.add('a');
    expect(queue.take()).toBeUndefined();
    queue.finish('a');
    expect(queue.take()?.key).toBe('a');
    queue.finish('a');
    expect(queue.take()).toBeUndefined();
  });

  it('adds after a delay; the earliest of several delays wins', async () => {
    const { clock, queue } = aQueue();
    queue.addAfter('a', 5000);
    queue.addAfter('a', 1000);
    queue.addAfter('a', 9000);
    await clock.advance(999);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(queue.take()?.key).toBe('a');
    queue.finish('a');
    await clock.advance(60_000);
    expect(queue.depth).toBe(0);
  });

  it('forgets a delay when the key is added at once: the run decides anew', async () => {
    const { clock, queue } = aQueue();
    queue.addAfter('a', 1000);
    queue.add('a');
    queue.take();
    queue.finish('a');
    await clock.advance(2000);
    expect(queue.depth).toBe(0);
  });

  it('doubles the back-off of a failing key from 1 s to 5 min, and starts again after a success', () => {
    const { queue } = aQueue();
    const delays = Array.from({ length: 11 }, () => queue.addFailed('a'));
    expect(delays.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(delays.at(-1)).toBe(300_000);
    queue.succeed('a');
    expect(queue.addFailed('a')).toBe(1000);
  });

  it('takes nothing once closed', async () => {
    const { clock, queue } = aQueue();
    queue.addAfter('a', 10);
    queue.close();
    queue.add('b');
    await clock.advance(20);
    expect(queue.take()).toBeUndefined();
  });

  it('never hands a key out twice at once and never loses an add, whatever the order of calls', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const call = fc.oneof(
      fc.record({ does: fc.constant('add' as const), key }),
      fc.record({ does: fc.constant('take' as const), key }),
      fc.record({ does: fc.constant('finish' as const), key }),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        const { queue } = aQueue();
        const held = new Set<string>();
        const owed = new Set<string>(); // added since last taken
        const take = (): boolean => {
          const taken = queue.take();
          if (!taken) return false;
          expect(held.has(taken.key)).toBe(false);
          held.add(taken.key);
          owed.delete(taken.key);
          return true;
        };
        const finish = (name: string): void => {
          if (held.delete(name)) queue.finish(name);
        };
        for (const { does, key: name } of calls) {
          if (does === 'add') {
            owed.add(name);
            queue.add(name);
          } else if (does === 'take') take();
          else finish(name);
        }
        for (const name of [...held]) finish(name);
        while (take());
        expect([...owed]).toEqual([]);
      }),
    );
  });
});
