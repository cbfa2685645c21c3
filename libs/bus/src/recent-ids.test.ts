import { describe, expect, it } from '@jest/globals';
import { RecentIds } from './recent-ids.ts';

describe('RecentIds', () => {
  it('forgets the id that was added longest ago', () => {
    const ids = new RecentIds(2);
    for (const id of ['a', 'b', 'a', 'c']) ids.add(id);
    expect(['a', 'b', 'c'].map((id) => ids.has(id))).toEqual([true, false, true]);
  });
});
