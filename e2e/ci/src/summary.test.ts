import { describe, expect, it } from '@jest/globals';
import { closingLine, readTally, sum, tallyOf } from './summary.ts';

const report = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  success: true,
};

describe('the closing line of npm test', () => {
  it('adds suites up', () => {
    expect(closingLine(sum([tallyOf(report), { passed: 1, failed: 2, skipped: 0 }]))).toBe(
      '4 passed, 2 failed, 1 skipped',
    );
  });

  it('counts a suite that could not start as a failure', () => {
    expect(tallyOf({ ...report, numRuntimeErrorTestSuites: 1, success: false }).failed).toBe(1);
  });

  it('counts a run that Jest calls unsuccessful for another reason as a failure', () => {
    expect(tallyOf({ ...report, success: false }).failed).toBe(1);
  });

  it('counts a missing report as a failure', async () => {
    await expect(readTally('/nowhere/at/all.json')).resolves.toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
