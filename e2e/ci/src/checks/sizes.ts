import { readSources } from './source-files.ts';

/** A habit with two limits: what is usual, and what nobody reads at one sitting. */
const limits = { median: 110, largest: 400 };

/** Fails when source files of the product are long as a rule, or one of them far too long. */
export async function checkSizes(): Promise<number> {
  const files = await readSources(['{apps,libs}/*/src/**/*.ts']);
  const sizes = files
    .filter(({ path }) => !path.endsWith('.test.ts'))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }));
  const { problems, summary } = judgeSizes(sizes);
  for (const problem of problems) console.error(`✗ ${problem}`);
  console.log(`sizes: ${summary}`);
  return problems.length === 0 ? 0 : 1;
}

/** What is against the limits, and the figures in one line. */
export function judgeSizes(files: readonly { readonly path: string; readonly lines: number }[]): {
  readonly problems: readonly string[];
  readonly summary: string;
} {
  const sorted = files.toSorted((a, b) => a.lines - b.lines);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)]?.lines ?? 0;
  const largest = sorted.at(-1);
  const problems = sorted
    .filter(({ lines }) => lines > limits.largest)
    .map(({ path, lines }) => `${path} has ${lines} lines, the limit is ${limits.largest}`);
  if (at(0.5) > limits.median) problems.push(`the median file has ${at(0.5)} lines, the limit is ${limits.median}`);
  const summary = `${sorted.length} files, median ${at(0.5)}, p90 ${at(0.9)}, largest ${largest?.lines} (${largest?.path})`;
  return { problems, summary };
}
