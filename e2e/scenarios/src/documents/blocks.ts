import { glob, readFile } from 'node:fs/promises';

/** One fenced block of a document. */
export interface Block {
  readonly file: string;
  /** Line of its first line, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown text, in order. */
export function blocksOf(file: string, markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { readonly line: number; readonly language: string; readonly lines: string[] } | undefined;
  for (const [at, line] of markdown.split('\n').entries()) {
    const fence = /^```(\S*)/.exec(line);
    if (!fence) open?.lines.push(line);
    else if (open) {
      blocks.push({ file, line: open.line, language: open.language, text: `${open.lines.join('\n')}\n` });
      open = undefined;
    } else open = { line: at + 2, language: fence[1] ?? '', lines: [] };
  }
  if (open) throw new Error(`${file}:${open.line}: a fence is not closed`);
  return blocks;
}

/** The documents for users below a folder: path → blocks. */
export async function documents(repository: string): Promise<ReadonlyMap<string, readonly Block[]>> {
  const files = ['README.md'];
  for await (const file of glob('docs/**/*.md', { cwd: repository })) files.push(file);
  const read = async (file: string) => [file, blocksOf(file, await readFile(`${repository}/${file}`, 'utf8'))] as const;
  return new Map(await Promise.all(files.sort().map(read)));
}
