/** POSIX classes, which only Go knows, as members of a class of ECMAScript. */
const classes: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/**
 * A pattern of Go in the words of ECMAScript with the flag `u`, which has no meaning for what it does not know. k0s means
 * whole texts also where its CRD forgets to say so.
 *
 * @param orEmpty the empty text is taken too, since Go cannot tell it from an unset one.
 * @throws SyntaxError for what ECMAScript cannot read.
 */
export function inEcmaScript(pattern: string, { orEmpty = false }: { readonly orEmpty?: boolean } = {}): string {
  const translated = pattern.replace(/\[:(\w+):\]/g, (written, name: string) => {
    const members = classes[name];
    if (members === undefined) throw new SyntaxError(`${written} in ${pattern} is not known here`);
    return members;
  });
  const whole = /^\^.*\$$/.test(translated) ? translated : `^(?:${translated})$`;
  const text = orEmpty ? `^$|${whole}` : whole;
  new RegExp(text, 'u');
  return text;
}
