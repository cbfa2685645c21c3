import { describe, expect, it } from '@jest/globals';
import { matchesLabels } from './label-selector.ts';

describe('matchesLabels', () => {
  it.each([
    ['', {}, true],
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'b' }, true],
    ['a=b', { a: 'c' }, false],
    ['a=b', {}, false],
    ['a=', { a: '' }, true],
    ['a!=b', { a: 'c' }, true],
    ['a!=b', {}, true],
    ['a!=b', { a: 'b' }, false],
    ['x.io/a', { 'x.io/a': '' }, true],
    ['x.io/a', {}, false],
    ['!a', {}, true],
    ['!a', { a: '' }, false],
    ['a in (b, c)', { a: 'c' }, true],
    ['a in (b,c)', { a: 'd' }, false],
    ['a notin (b,c)', { a: 'd' }, true],
    ['a notin (b,c)', {}, true],
    ['a notin (b,c)', { a: 'b' }, false],
    ['a=b,c in (d,e),!f', { a: 'b', c: 'e' }, true],
    ['a=b,c in (d,e),!f', { a: 'b', c: 'e', f: '' }, false],
    ['a=b, c=d', { a: 'b', c: 'x' }, false],
  ])('"%s" of %j: %s', (selector, labels, matches) => {
    expect(matchesLabels(selector, labels)).toBe(matches);
  });
});
