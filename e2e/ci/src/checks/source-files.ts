import { glob, readFile } from 'node:fs/promises';

/** A source file as the checks read it. */
export interface SourceFile {
  /** From the root of the checkout. */
  readonly path: string;
  readonly text: string;
}

const notWritten = /(^|\/)(node_modules|dist|generated)\//;

/** Reads what matches the patterns and was written by hand, in order of path. */
export async function readSources(patterns: readonly string[], cwd = '.'): Promise<readonly SourceFile[]> {
  const paths: string[] = [];
  for await (const path of glob(patterns, { cwd, exclude: (name) => name === 'node_modules' })) paths.push(path);
  const written = paths.filter((path) => !notWritten.test(path)).sort();
  return Promise.all(written.map(async (path) => ({ path, text: await readFile(`${cwd}/${path}`, 'utf8') })));
}
