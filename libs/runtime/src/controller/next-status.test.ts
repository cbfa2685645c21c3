import { describe, expect, it } from '@jest/globals';
import { leftBehind, nextStatus } from './next-status.ts';

const metadata = {
  name: 'a',
  uid: 'u',
  resourceVersion: '1',
  generation: 4,
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const now = new Date('2026-02-02T00:00:00Z');
const ready = { type: 'Ready', status: 'True' as const, reason: 'Ready', message: 'fine' };
const stored = { ...ready, observedGeneration: 4, lastTransitionTime: '2026-01-01T00:00:00Z' };
const foreign = { ...stored, type: 'Foreign' };
const object = {
  apiVersion: 'v1',
  kind: 'Toy',
  metadata,
  status: { phase: 'Done', nested: { a: 1 }, conditions: [foreign, stored] },
};
const input = {
  object,
  draft: { phase: 'Done', nested: { a: 1 } },
  reported: [ready],
  conditionTypes: ['Ready', 'Paused'],
  now,
};

describe('nextStatus', () => {
  it('is nothing when nothing changed, whatever the order of fields and conditions', () => {
    expect(nextStatus(input)).toBeUndefined();
    expect(nextStatus({ ...input, draft: { nested: { a: 1 }, phase: 'Done' }, reported: [] })).toBeUndefined();
    expect(nextStatus({ ...input, draft: { ...input.draft, absent: undefined, none: null } })).toBeUndefined();
  });

  it('keeps the transition time while the status stays, and moves it when it turns', () => {
    const worded = nextStatus({ ...input, reported: [{ ...ready, message: 'finer' }] });
    expect(worded?.['conditions']).toEqual([{ ...stored, message: 'finer' }]);
    const turned = nextStatus({ ...input, reported: [{ ...ready, status: 'False' }] });
    expect(turned?.['conditions']).toEqual([
      { ...stored, status: 'False', lastTransitionTime: '2026-02-02T00:00:00Z' },
    ]);
  });

  it('keeps own conditions that were not reported and leaves out those of others', () => {
    const next = nextStatus({ ...input, reported: [{ ...ready, type: 'Paused', status: 'False' }] });
    expect((next?.['conditions'] as { type: string }[]).map(({ type }) => type)).toEqual(['Paused', 'Ready']);
  });

  it('is a change when only the generation moved on', () => {
    const moved = { ...object, metadata: { ...metadata, generation: 5 } };
    expect(nextStatus({ ...input, object: moved })?.['conditions']).toEqual([{ ...stored, observedGeneration: 5 }]);
    expect(nextStatus({ ...input, object: moved, reported: [] })).toBeUndefined();
  });

  it('drops a field that the run took away', () => {
    expect(nextStatus({ ...input, draft: { phase: 'Done' } })).toEqual({ phase: 'Done', conditions: [stored] });
  });
});

describe('leftBehind', () => {
  const before = { phase: 'Done', ref: { name: 'a' }, nested: { a: 1, b: [1] }, conditions: [stored] };

  it('is nothing when the apply took away what the run dropped', () => {
    const wanted = { phase: 'Begun', nested: { a: 1 } };
    expect(leftBehind({ before, wanted, written: wanted })).toBeUndefined();
    expect(leftBehind({ before, wanted: before, written: before })).toBeUndefined();
  });

  it('names what it left, in objects too, and no more', () => {
    const wanted = { phase: 'Begun', nested: { a: 1 } };
    expect(leftBehind({ before, wanted, written: before })).toEqual({ ref: null, nested: { b: null } });
  });

  it('leaves conditions to their owners, and what others wrote meanwhile', () => {
    const written = { phase: 'Done', ref: { name: 'b' }, conditions: [foreign] };
    expect(leftBehind({ before: { phase: 'Done', conditions: [stored] }, wanted: { phase: 'Done' }, written })).toBe(
      undefined,
    );
  });
});
