import { run } from './run.ts';

/** Each writes committed files, or with `--check` compares them with what it would write (ER-10). */
const generators = [
  'libs/api/generate/main.ts',
  'libs/events/generate/main.ts',
  'e2e/ci/src/generate-cluster-config-validator.ts',
  'e2e/ci/src/generate-flags.ts',
  'e2e/ci/src/packaging/generate.ts',
  'e2e/ci/src/checks/api-report/main.ts',
];

/** Runs every generator; the first failure decides. */
export async function generate(args: readonly string[]): Promise<number> {
  for (const generator of generators) {
    const code = await run('node', ['--disable-warning=ExperimentalWarning', generator, ...args]);
    if (code !== 0) return code;
  }
  return 0;
}
