import { describe, expect, it } from '@jest/globals';
import { contains, sortedJson } from './json.ts';

describe('contains', () => {
  it.each([
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: { b: [1, 2], c: 0 } }, { a: { b: [1, 2] } }, true],
    [{ a: { b: [1, 2, 3] } }, { a: { b: [1, 2] } }, false],
    [{ a: 1 }, { a: 2 }, false],
    [{}, { a: {} }, true],
    [undefined, { a: 1 }, false],
    [{ a: { y: 1, x: 2 } }, { a: { x: 2, y: 1 } }, true],
  ])('%j has %j: %s', (live, wanted, answer) => expect(contains(live, wanted)).toBe(answer));
});

describe('sortedJson', () => {
  it('does not depend on the order of keys', () => {
    expect(sortedJson({ b: 1, a: [{ d: 1, c: 2 }] })).toBe(sortedJson({ a: [{ c: 2, d: 1 }], b: 1 }));
  });
});
