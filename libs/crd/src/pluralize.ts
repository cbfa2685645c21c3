/**
 * The plural that Cluster API core computes with the Go library `flect` for a kind's lower-case name. Only the
 * endings that our kinds have; others throw, so that a new kind is looked at before it is released.
 */
export function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (/(s|x|z|ch|sh)$/.test(name)) throw new Error(`check what flect makes of ${kind}`);
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  if (/(f|fe|o|man)$/.test(name)) throw new Error(`check what flect makes of ${kind}`);
  return `${name}s`;
}
