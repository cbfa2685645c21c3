import { describe, expect, it } from '@jest/globals';
import { failureText, failuresOf, readFailures } from './failures.ts';

const passed = { fullName: 'a pool lends', status: 'passed', failureMessages: [] };
const failed = {
  fullName: 'a pool takes back',
  status: 'failed',
  failureMessages: ['\u001b[31mError: 1 host is Dirty\u001b[39m\n\n    at Object.<anonymous> (pool.ts:3:1)'],
};

const file = (more: object) => ({
  name: '/top/libs/x/src/pool.test.ts',
  status: 'failed',
  message: 'Cannot find module',
  assertionResults: [passed, failed],
  ...more,
});

describe('what the end of npm test says of failures', () => {
  it('names file, test and what was seen, without colours and frames', () => {
    const [failure, ...others] = failuresOf({ testResults: [file({})] }, '/top');
    expect(others).toEqual([]);
    expect(failure && failureText(failure)).toBe(
      '✗ libs/x/src/pool.test.ts › a pool takes back\n    Error: 1 host is Dirty',
    );
  });

  it('names a file that could not start', () => {
    const [failure] = failuresOf({ testResults: [file({ assertionResults: [] })] }, '/top');
    expect(failure).toEqual({
      file: 'libs/x/src/pool.test.ts',
      test: '(the file itself)',
      message: 'Cannot find module',
    });
  });

  it('says nothing of a file that passed, or of a report that is not there', async () => {
    expect(failuresOf({ testResults: [file({ status: 'passed', assertionResults: [passed] })] }, '/top')).toEqual([]);
    await expect(readFailures('/nowhere/at/all.json')).resolves.toEqual([]);
  });
});
