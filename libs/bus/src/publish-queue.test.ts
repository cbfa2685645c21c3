import { describe, expect, it } from '@jest/globals';
import { aFact } from '../testing/a-fact.ts';
import { PublishQueue } from './publish-queue.ts';

const { signal } = new AbortController();
const audit = { ...aFact('audit'), factclass: 'audit' } as const;

async function take(queue: PublishQueue): Promise<string> {
  const fact = await queue.oldest(signal);
  queue.settle(fact.id);
  return fact.data.object.name;
}

describe('PublishQueue', () => {
  it('gives the oldest first and holds one fact per id', async () => {
    const queue = new PublishQueue(10);
    for (const name of ['a', 'b', 'a']) queue.add(aFact(name));
    expect(queue.size).toBe(2);
    expect([await take(queue), await take(queue)]).toEqual(['a', 'b']);
  });

  it('wakes who waits for a fact', async () => {
    const queue = new PublishQueue(10);
    const waiting = take(queue);
    queue.add(aFact('a'));
    expect(await waiting).toBe('a');
  });

  it('stops waiting when aborted', async () => {
    const abort = new AbortController();
    const waiting = new PublishQueue(10).oldest(abort.signal);
    abort.abort(new Error('closing'));
    await expect(waiting).rejects.toThrow('closing');
  });

  it('lets others pass a postponed fact', async () => {
    const queue = new PublishQueue(10);
    for (const name of ['a', 'b']) queue.add(aFact(name));
    queue.postpone(aFact('a').id);
    expect([await take(queue), await take(queue)]).toEqual(['b', 'a']);
  });

  it('is bounded, and gives up the oldest state fact before any audit fact', async () => {
    const queue = new PublishQueue(2);
    queue.add(audit);
    queue.add(aFact('a'));
    expect(queue.add(aFact('b')).dropped).toEqual(aFact('a'));
    expect([await take(queue), await take(queue)]).toEqual(['audit', 'b']);
  });

  it('tells who waits for a fact that it has left', async () => {
    const queue = new PublishQueue(1);
    const { settled } = queue.add(aFact('a'));
    queue.add(aFact('b'));
    await settled;
    const drained = queue.drained();
    await take(queue);
    await drained;
    expect(queue.size).toBe(0);
  });
});
