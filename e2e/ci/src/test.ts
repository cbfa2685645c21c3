import { glob, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failureText, readFailures, type Failure } from './failures.ts';
import { resultsFile, runJest } from './jest.ts';
import { componentLines } from './components.ts';
import { run } from './run.ts';
import { secondTry } from './second-try.ts';
import { closingLine, readTally, sum, type Tally } from './summary.ts';

/** What `npm test` does. `--full` adds what does not fit the budget of ER-11. */
export async function runTests(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  await rm('.results', { recursive: true, force: true });
  if (args.includes('--full')) process.env.K0SMOTRON_TEST_FULL = '1';

  // The lab's binaries may have to be built; everything that needs none of them runs meanwhile (ER-11).
  const binaries = run('node', ['--disable-warning=ExperimentalWarning', 'e2e/lab/src/cli.ts', 'binaries', '--quiet']);
  const [built, unit, gates] = await Promise.all([binaries, suites('unit', { parallel: 1 }), allGates()]);
  if (built !== 0) console.error('The lab binaries could not be provided: suites that need them will fail');
  const component = await suites(
    'component',
    { parallel: 1, rooms: timed.join() },
    { parallel: 2, rooms: ['*', ...timed.map((room) => `!${room}`)].join() },
  );
  const scenario = await suites('scenario', { parallel: 2 });

  for (const failure of await failures()) console.log(failureText(failure));
  console.log(`\nRan on: ${(await componentLines()).join('; ') || 'no outside component'}`);
  console.log(`Took ${Math.round((performance.now() - startedAt) / 1000)} s`);
  const total = sum([...gates, ...unit, ...component, ...scenario]);
  console.log(closingLine(total));
  return total.failed === 0 ? 0 : 1;
}

/** What needs no tests: one after the other, beside the unit tests. */
async function allGates(): Promise<readonly Tally[]> {
  return [
    await gate('format', 'nx', ['run', 'k0smotron-ts:format']),
    await gate('typecheck', 'nx', ['run', 'k0smotron-ts:typecheck']),
    await gate('lint', 'nx', ['run', 'k0smotron-ts:lint-all']),
    await gate('tidy', 'node', ['e2e/ci/src/main.ts', 'check']),
    await gate('bundle', 'nx', ['run-many', '-t', 'bundle', '--parallel=2']),
    await gate('generate-is-clean', 'nx', ['run', 'k0smotron-ts:generate-is-clean']),
  ];
}

/** The nightly set: services killed after each of their effects. Arguments go to Jest, a pattern of files for one. */
export async function runFaults(args: readonly string[]): Promise<number> {
  const project = 'e2e/faults';
  const code = await runJest(['--project', project, '--kind', 'faults', ...args]);
  const tally = await readTally(resultsFile(project, 'faults'));
  console.log(closingLine(tally));
  return code === 0 && tally.failed === 0 ? 0 : 1;
}

/** A check without tests of its own counts as one. */
async function gate(name: string, command: string, args: readonly string[]): Promise<Tally> {
  const startedAt = performance.now();
  const passed = (await run(command, args)) === 0;
  console.log(`${passed ? '✓' : '✗'} ${name} (${Math.round((performance.now() - startedAt) / 1000)} s)`);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}

/** Runs one kind of suite in every room that has it, and counts what each room's report says. */
async function suites(kind: string, ...parts: readonly Part[]): Promise<readonly Tally[]> {
  const startedAt = performance.now();
  for (const { parallel, rooms = '*' } of parts)
    await run('nx', ['run-many', '-t', kind, `--projects=${rooms}`, `--parallel=${parallel}`, '--output-style=stream']);
  const tallies: Tally[] = [];
  for (const project of await projectsWith(kind)) {
    const tally = await secondTry(project, kind);
    if (tally.failed > 0) console.log(`✗ ${kind} ${project}: ${closingLine(tally)}`);
    tallies.push(tally);
  }
  console.log(`${kind}: ${closingLine(sum(tallies))} (${Math.round((performance.now() - startedAt) / 1000)} s)`);
  return tallies;
}

/** What every suite's report names as failed. */
async function failures(): Promise<readonly Failure[]> {
  const reports: string[] = [];
  for await (const report of glob('.results/*.{unit,component,scenario}.json')) reports.push(report);
  return (await Promise.all(reports.sort().map(readFailures))).flat();
}

/** Some of the rooms, by nx's patterns, and how many of them run at once. */
interface Part {
  readonly parallel: number;
  readonly rooms?: string;
}

/** Rooms whose tests hold times against limits. */
const timed = ['@k0smotron/kube', '@k0smotron/runtime'];

/** Folders of the projects that declare a target. */
async function projectsWith(target: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const file of glob('{apps,libs,e2e}/*/package.json')) {
    const { nx } = JSON.parse(await readFile(file, 'utf8')) as { nx?: { targets?: Record<string, unknown> } };
    if (nx?.targets?.[target]) found.push(dirname(file));
  }
  return found.sort();
}
