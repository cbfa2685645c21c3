import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { readReport, type JestReport } from './jest-report.ts';

/** One test that failed, as the end of `npm test` tells it. */
export interface Failure {
  /** File of the test, seen from the top of the tree. */
  readonly file: string;
  /** Full name, with what it stands in. */
  readonly test: string;
  /** First lines of what was wrong, without colours. */
  readonly message: string;
}

/** Every failed test of one Jest report; a file that could not even start is one failure. */
export function failuresOf(report: Pick<JestReport, 'testResults'>, top: string): readonly Failure[] {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(top, name);
    const failed = assertionResults.filter((one) => one.status === 'failed');
    if (failed.length === 0 && status === 'failed')
      return [{ file, test: '(the file itself)', message: firstLines(message) }];
    return failed.map((one) => ({
      file,
      test: one.fullName,
      message: firstLines(one.failureMessages.join('\n')),
    }));
  });
}

/** Reads the failures of a report; none where the report is missing, which its tally counts (ER-10). */
export async function readFailures(file: string): Promise<readonly Failure[]> {
  const report = await readReport(file);
  return report ? failuresOf(report, process.cwd()) : [];
}

/** What the end of a run says of one failure. */
export const failureText = ({ file, test, message }: Failure): string =>
  `✗ ${file} › ${test}\n${message.replaceAll(/^/gm, '    ')}`;

/** Enough of a message to know what was seen, without Jest's frames. */
const firstLines = (message: string): string =>
  stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .slice(0, mostLines)
    .join('\n');

const mostLines = 12;
