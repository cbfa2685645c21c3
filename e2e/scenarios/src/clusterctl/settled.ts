import { expect } from '@jest/globals';
import { eventually } from '@k0smotron/testing';
import { marks } from '../cluster/watched-objects.ts';
import type { System } from '../system/start-system.ts';

type Marks = Awaited<ReturnType<typeof marks>>;

/** Marks of all objects, once two looks five seconds apart have seen the same. */
export async function settled(system: Pick<System, 'kube'>): Promise<Marks> {
  let seen: Marks = {};
  const same = async (): Promise<void> => {
    const before = seen;
    seen = await marks(system);
    expect(seen).toEqual(before);
  };
  await eventually(same, { timeoutMs: 90_000, everyMs: 5_000, what: 'a moment without writes' });
  return seen;
}
