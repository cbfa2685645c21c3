import { TerminalError } from '@k0smotron/core';

/** One word of a shell command line. */
export interface ShellWord {
  /** The word after quotes are removed; as written when verbatim. */
  readonly text: string;
  /**
   * `literal` means nothing to the shell; `expands` holds variables that the shell must still expand, as the user wrote
   * them for; `verbatim` holds a command substitution and goes to the shell as written.
   */
  readonly mode: 'literal' | 'expands' | 'verbatim';
}

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** Quotes one word for a POSIX shell, such that nothing in it means anything to the shell. */
export const shellQuote = (word: string): string => (plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** Quotes several words. */
export const shellJoin = (words: readonly string[]): string => words.map(shellQuote).join(' ');

/** Renders one word for a shell. */
export const renderWord = (word: ShellWord): string =>
  word.mode === 'verbatim' ? word.text : renderJoined('', [word], '');

/** Renders one word that is made of a prefix and several values, such as a flag with a list. */
export function renderJoined(prefix: string, values: readonly ShellWord[], separator: string): string {
  if (values.every(({ mode }) => mode === 'literal')) {
    return shellQuote(prefix + values.map(({ text }) => text).join(separator));
  }
  return `"${prefix}${values.map(insideDoubleQuotes).join(separator)}"`;
}

function insideDoubleQuotes({ text, mode }: ShellWord): string {
  if (mode === 'verbatim') return text;
  return text.replace(mode === 'expands' ? /(["\\])/g : /(["\\$`])/g, '\\$1');
}

/**
 * Splits a line of arguments as a shell would: quotes and backslashes are honoured, nothing is expanded. Users write
 * several words in one item (`--data-dir /x`) and quotes that were meant for the shell.
 *
 * @throws TerminalError `InvalidArgument` when a quote is left open.
 */
export function splitWords(line: string): ShellWord[] {
  // A command substitution may hold blanks and quotes of its own: such an item stays one word.
  if (/\$\(|`/.test(line.replace(/'[^']*'/g, ''))) return [{ text: line.trim(), mode: 'verbatim' }];
  const words: ShellWord[] = [];
  let rest = line.trimStart();
  while (rest !== '') {
    const { word, length } = nextWord(rest, line);
    words.push(word);
    rest = rest.slice(length).trimStart();
  }
  return words;
}

function nextWord(input: string, line: string): { word: ShellWord; length: number } {
  const piece = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/y;
  let [text, expands, at] = ['', false, 0];
  while (at < input.length && !/\s/.test(input.charAt(at))) {
    piece.lastIndex = at;
    const found = piece.exec(input);
    if (!found)
      throw new TerminalError('InvalidArgument', `the quotes in argument ${JSON.stringify(line)} do not close`);
    const [whole, single, double, escaped, bare] = found;
    const shown = double?.replace(/\\(["\\`])/g, '$1') ?? bare;
    text += single ?? escaped ?? shown ?? '';
    expands ||= shown?.includes('$') ?? false;
    at += whole.length;
  }
  return { word: { text, mode: expands ? 'expands' : 'literal' }, length: at };
}

/** The value after `--flag=`, without the quotes around the whole of it. */
export const valueOf = (word: ShellWord, flag: string): ShellWord => {
  const text = word.text.slice(flag.length + 1);
  return { mode: word.mode, text: word.mode === 'verbatim' ? text.replace(/^"([\s\S]*)"$/, '$1') : text };
};
