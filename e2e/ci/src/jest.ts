import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { run } from './run.ts';

/** Where the JSON results of one run go: the reporter of `npm test` sums them. */
export const resultsFile = (project: string, kind: string): string =>
  `.results/${project.replaceAll('/', '-')}.${kind}.json`;

/** `--project libs/kube [--kind unit|component|scenario] [jest arguments]`. */
export async function runJest(args: readonly string[]): Promise<number> {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: { project: { type: 'string' }, kind: { type: 'string', default: 'unit' } },
    strict: false,
    tokens: true,
  });
  const ours = new Set(['project', 'kind']);
  const taken = new Set(
    tokens
      .filter((token) => token.kind === 'option' && ours.has(token.name))
      .flatMap((token) =>
        token.kind === 'option' && token.inlineValue === false ? [token.index, token.index + 1] : [token.index],
      ),
  );
  const passedOn = args.filter((_, at) => !taken.has(at));
  const project = String(values.project ?? '.');
  const kind = String(values.kind);

  await mkdir('.results', { recursive: true });
  return run(
    'node',
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--config=jest.preset.cjs',
      `--rootDir=${project}`,
      '--json',
      `--outputFile=${resultsFile(project, kind)}`,
      '--passWithNoTests',
      ...passedOn,
    ],
    { TEST_KIND: kind },
  );
}
