import { describe, expect, it } from '@jest/globals';
import { leavesOf, setLeaf } from './owned-paths.ts';

describe('setting a leaf', () => {
  it('makes the item of a keyed list with its key, whichever leaf comes first', () => {
    const object = { status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Done' }] } };
    const leaves = [...leavesOf(object)].reverse();
    const made = {};
    for (const [path, leaf] of leaves) setLeaf(made, path, leaf);
    expect(made).toEqual(object);
  });

  it('keeps items of a keyed list apart', () => {
    const made = { metadata: { ownerReferences: [{ uid: '1', name: 'a' }] } };
    for (const [path, leaf] of leavesOf({ metadata: { ownerReferences: [{ name: 'b', uid: '2' }] } })) {
      setLeaf(made, path, leaf);
    }
    expect(made.metadata.ownerReferences).toEqual([
      { uid: '1', name: 'a' },
      { uid: '2', name: 'b' },
    ]);
  });
});
