import { describe, expect, it } from '@jest/globals';
import { normalPin } from './host-key.ts';
import { lineSplitter, OutputTail } from './output-tail.ts';
import { shellQuote } from './shell-quote.ts';
import { pidLine } from './findable-command.ts';

describe('shellQuote', () => {
  it.each([
    ['plain-1.2_3', 'plain-1.2_3'],
    ['', "''"],
    ['a b', "'a b'"],
    ["it's", `'it'\\''s'`],
    ['$(reboot)', "'$(reboot)'"],
    ['~root', "'~root'"],
  ])('quotes %j', (word, quoted) => expect(shellQuote(word)).toBe(quoted));

  it('refuses what no command line can carry', () => expect(() => shellQuote('a\0b')).toThrow('NUL'));
});

describe('OutputTail', () => {
  it('keeps the last bytes and never half a character', () => {
    const tail = new OutputTail(5);
    for (let round = 0; round < 100_000; round += 1) tail.push(Buffer.from('0123456789'));
    tail.push(Buffer.from('aéüö'));
    expect(tail.text()).toBe('üö');
  });
});

describe('lineSplitter', () => {
  it('joins lines and characters over chunks', () => {
    const lines: string[] = [];
    const splitter = lineSplitter((line) => lines.push(line));
    const bytes = Buffer.from('one\r\ntwö\n\nlast');
    for (const byte of bytes) splitter.push(Buffer.from([byte]));
    splitter.end();
    expect(lines).toEqual(['one', 'twö', '', 'last']);
  });
});

describe('pidLine', () => {
  it.each([
    ['k0smotron-pid 12\nrest', '12', 'rest'],
    ['lecture\nk0smotron-pid 12\nrest', '12', 'lecture\nrest'],
    ['sudo: a password is required\nk', undefined, 'sudo: a password is required\nk'],
  ])('takes its line out of %j', (text, pid, rest) => {
    const line = pidLine();
    const out = [...Buffer.from(text)].map((byte) => line.strip(Buffer.from([byte])));
    expect(Buffer.concat([...out, line.rest()]).toString()).toBe(rest);
    expect(line.value()).toBe(pid);
  });
});

describe('normalPin', () => {
  it.each(['SHA256:abc', 'sha256:abc=', 'abc', ' SHA256:abc\n'])('reads %j', (pin) =>
    expect(normalPin(pin)).toBe('SHA256:abc'),
  );
});
