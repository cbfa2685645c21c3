/**
 * One word for a POSIX shell, whatever it contains. The only place in this room where text becomes shell code.
 *
 * @throws when the text has a NUL byte, which no command line can carry.
 */
export function shellQuote(word: string): string {
  if (word.includes('\0')) throw new Error('a shell word cannot contain a NUL byte');
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
