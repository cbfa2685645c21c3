/** Folders that are no part of a container's own layer: a volume, and what is in memory. */
const apartFolders = ['/var/lib/k0s', '/run', '/tmp', '/dev/shm'];

/** `find` prints four fields for each file, each ended by NUL: type, bytes, path, target of a link. */
const print = '-printf "%y\\0%s\\0%p\\0%l\\0" 2>/dev/null';

/** Shell command for a machine: tells of each path on its standard input, and of all in the folders that lie apart. */
export function describeCommand(apart: readonly string[] = apartFolders): string {
  return [
    `xargs --no-run-if-empty --delimiter '\\n' sh -c 'find "$@" -maxdepth 0 ${print}' sh`,
    `find ${apart.join(' ')} -mindepth 1 ${print}; true`,
  ].join('; ');
}

/** Lines of `docker diff`, by what happened to the paths. */
export function parseDiff(text: string): { readonly present: readonly string[]; readonly removed: readonly string[] } {
  const lines = text.split('\n').filter(Boolean);
  const paths = (wanted: RegExp): string[] => lines.filter((line) => wanted.test(line)).map((line) => line.slice(2));
  return { present: paths(/^[AC] /), removed: paths(/^D /) };
}

/** What `describeCommand` printed, in the words of `Machine.listFiles`. */
export function parseDescriptions(text: string): Map<string, string> {
  const fields = text.split('\0');
  const found = new Map<string, string>();
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [type = '', size = '', path = '', target = ''] = fields.slice(at, at + 4);
    found.set(path, inWords(type, size, target));
  }
  return found;
}

function inWords(type: string, size: string, target: string): string {
  if (type === 'f') return `file ${size}`;
  if (type === 'd') return 'folder';
  return type === 'l' ? `link ${target}` : 'other';
}
