import { describe, expect, it } from '@jest/globals';
import { mostFilesAgain, worthAgain } from './second-try.ts';

const file = (name: string, ...statuses: string[]) => ({
  name,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  message: '',
  assertionResults: statuses.map((status) => ({ fullName: name, status, failureMessages: [] })),
});

describe('a second try', () => {
  it('runs only what failed, and keeps what the others came to', () => {
    const testResults = [file('/a', 'passed', 'passed', 'pending'), file('/b', 'passed', 'failed')];
    expect(worthAgain({ testResults })).toEqual({ files: ['/b'], kept: { passed: 2, failed: 0, skipped: 1 } });
  });

  it('runs a file again that could not start', () => {
    const testResults = [{ name: '/b', status: 'failed', message: 'cannot start', assertionResults: [] }];
    expect(worthAgain({ testResults })?.files).toEqual(['/b']);
  });

  it('is not made when nothing failed', () => {
    expect(worthAgain({ testResults: [file('/a', 'passed')] })).toBeUndefined();
  });

  it('is not made when so much failed that something is broken', () => {
    const testResults = Array.from({ length: mostFilesAgain + 1 }, (_, at) => file(`/${at}`, 'failed'));
    expect(worthAgain({ testResults })).toBeUndefined();
  });
});
