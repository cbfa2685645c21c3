import { readFile } from 'node:fs/promises';

/** Each line is one real component that a suite ran on, written by the lab when it started it (ER-10). */
const componentsFile = '.results/components.txt';

/** The distinct components of this run, sorted. */
export async function componentLines(): Promise<readonly string[]> {
  const text = await readFile(componentsFile, 'utf8').catch(() => '');
  return [...new Set(text.split('\n').filter(Boolean))].sort();
}
