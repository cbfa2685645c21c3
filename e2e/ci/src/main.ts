/** The verbs behind the npm scripts. `e2e/run.sh` has already made sure of dependencies and Node 24. */
import { bundle } from './bundle.ts';
import { check } from './checks/check.ts';
import { generate } from './generate.ts';
import { images } from './images/images.ts';
import { runJest } from './jest.ts';
import { release } from './packaging/release.ts';
import { run } from './run.ts';
import { runFaults, runTests } from './test.ts';

const verbs: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  test: runTests,
  faults: runFaults,
  jest: runJest,
  bundle: async ([project = '.']) => bundle(project),
  generate,
  check,
  release,
  images,
  format: () => run('prettier', ['--write', '--log-level', 'warn', '.']),
  nx: ([target = 'lint', ...rest]) => run('nx', ['run-many', '-t', target, ...rest]),
  lab: (args) => run('node', ['e2e/lab/src/cli.ts', ...args]),
  demo: (args) => run('node', ['e2e/scenarios/src/demo/main.ts', ...args]),
  bench: (args) => run('node', ['e2e/bench/src/main.ts', ...args]),
};

async function main(): Promise<number> {
  const [verb = '', ...args] = process.argv.slice(2).filter((arg, at) => !(at === 1 && arg === '--'));
  const major = Number(process.versions.node.split('.')[0]);
  if (major !== 24) throw new Error(`Node 24 is needed, this is ${process.version}: start through the npm scripts`);
  const found = verbs[verb];
  if (!found) throw new Error(`unknown verb '${verb}': one of ${Object.keys(verbs).join(', ')}`);
  return found(args);
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
