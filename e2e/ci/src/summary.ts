import { readReport, type JestReport } from './jest-report.ts';

/** What one suite, or all of them, came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Adds suites up. */
export const sum = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );

/** The plain closing line that CI reads. */
export const closingLine = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** Counts one Jest report; a suite that could not even start is one failure (ER-10). */
export function tallyOf(report: Omit<JestReport, 'testResults'>): Tally {
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Reads a report that a suite should have written; a missing or broken one is one failure (ER-10). */
export async function readTally(file: string): Promise<Tally> {
  const report = await readReport(file);
  return report ? tallyOf(report) : { passed: 0, failed: 1, skipped: 0 };
}
