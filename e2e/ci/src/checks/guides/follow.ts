import { readFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A block of a guide that names a file: the whole of a new one, or a change of one that exists. */
export interface GuideBlock {
  readonly language: string;
  readonly path: string;
  readonly lines: readonly string[];
}

/** The blocks of a guide that name a file, in order; others are for reading only. */
export function blocksOf(guide: string): readonly GuideBlock[] {
  const fences = guide.matchAll(/^```(\w+) (\S+)\n(.*?)^```$/gms);
  return [...fences].map(([, language = '', path = '', text = '']) => ({
    language,
    path,
    lines: text.split('\n').slice(0, -1),
  }));
}

/** Does what a block says below `root`. */
export async function follow({ language, path, lines }: GuideBlock, root: string): Promise<void> {
  const file = join(root, path);
  if (language === 'diff') return writeFile(file, changed(await readFile(file, 'utf8'), { path, lines }));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${lines.join('\n')}\n`, { flag: 'wx' }); // a guide that replaces a file of ours is out of date
}

/** Applies a diff without line numbers: its old lines must stand in the text exactly once. */
export function changed(text: string, { path, lines }: Pick<GuideBlock, 'path' | 'lines'>): string {
  const side = (other: string): string =>
    lines
      .filter((line) => !line.startsWith(other))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const [before, after] = [side('+'), side('-')];
  const parts = `\n${text}`.split(`\n${before}`);
  if (parts.length !== 2) throw new Error(`${path} has ${parts.length - 1} places with:\n${before}`);
  return parts.join(`\n${after}`).slice(1);
}
