import { describe, expect, it } from '@jest/globals';
import { inEcmaScript } from './go-pattern.ts';

describe('a pattern of Go', () => {
  it.each([
    ['^[a-z]+$', '^[a-z]+$'],
    ['[a-z]+', '^(?:[a-z]+)$'],
    ['^a[:][[:xdigit:]]{2}$', '^a[:][0-9A-Fa-f]{2}$'],
    ['^[^[:digit:]_]$', '^[^0-9_]$'],
  ])('%s is %s', (go, here) => expect(inEcmaScript(go)).toBe(here));

  it('may take the empty text too', () => {
    const pattern = new RegExp(inEcmaScript('^a$', { orEmpty: true }), 'u');
    expect(['', 'a', 'b'].map((text) => pattern.test(text))).toEqual([true, true, false]);
  });

  it.each(['^[[:print:]]$', '(?i)a', '\\Aa\\z', '(?P<name>a)', '\\pL', 'a{2'])('%s is not guessed at', (go) => {
    expect(() => inEcmaScript(go)).toThrow(SyntaxError);
  });
});
