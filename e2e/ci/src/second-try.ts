import { failureText, readFailures } from './failures.ts';
import { runJest, resultsFile } from './jest.ts';
import { readReport, type JestReport } from './jest-report.ts';
import { closingLine, readTally, sum, type Tally } from './summary.ts';

/** What a first run leaves to a second. */
export interface Again {
  /** Absolute paths of the files to run once more. */
  readonly files: readonly string[];
  /** What the other files came to; theirs is not asked again. */
  readonly kept: Tally;
}

/** More failed files than this are no bad luck, and the time of a second try is not spent on them. */
export const mostFilesAgain = 3;

/** Which files of a report are worth a second try; undefined when none is, or too many are. */
export function worthAgain({ testResults }: Pick<JestReport, 'testResults'>): Again | undefined {
  const files = testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  if (files.length === 0 || files.length > mostFilesAgain) return undefined;
  const others = testResults
    .filter(({ name }) => !files.includes(name))
    .flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const count = (...wanted: string[]): number => others.filter((status) => wanted.includes(status)).length;
  return { files, kept: { passed: count('passed'), failed: 0, skipped: count('pending', 'todo', 'skipped') } };
}

/**
 * Runs the files that failed once more, by themselves, and tells both results: two cores that build binaries beside can
 * starve a control plane, or a timer, past a limit that stands for a defect. What fails twice is a failure.
 */
export async function secondTry(project: string, kind: string): Promise<Tally> {
  const report = resultsFile(project, kind);
  const seen = await readReport(report);
  const again = seen && worthAgain(seen);
  if (!again) return readTally(report);
  const first = await readFailures(report);
  console.log(`\nFailed once, tried again alone:\n${first.map(failureText).join('\n')}`);
  await runJest(['--project', project, '--kind', kind, '--runTestsByPath', ...again.files]);
  const second = await readTally(report);
  console.log(`On the second try: ${closingLine(second)}`);
  return sum([again.kept, second]);
}
