import { describe, expect, it } from '@jest/globals';
import { aPlane } from '../../../../testing/a-plane.ts';
import { reportStatus } from './report-status.ts';

const rollingOut = (options: Parameters<typeof aPlane>[0], hold?: string) => {
  const { scope, run } = aPlane(options);
  if (hold) scope.found.hold = hold;
  reportStatus(scope);
  return run.conditions.get('RollingOut');
};

describe('RollingOut', () => {
  it('counts the outdated controllers and says what they wait for', () => {
    const controllers = [{ version: 'v1.34.3+k0s.0' }, { version: 'v1.34.3+k0s.0' }, {}];
    expect(rollingOut({ controllers }, 'c-2 is not ready')).toMatchObject({
      status: 'True',
      reason: 'RollingOut',
      message: '2 of 3 controllers are outdated: c-2 is not ready',
    });
  });

  it('is False when all are as they should be', () => {
    expect(rollingOut({})).toMatchObject({ status: 'False', reason: 'NotRollingOut', message: '' });
  });

  it('names the version that may come next', () => {
    const controllers = [{ version: 'v1.32.1+k0s.0' }];
    expect(rollingOut({ controllers })?.message).toBe(
      '1 of 1 controllers are outdated: v1.32.1+k0s.0 still runs: update to v1.33 and wait until all controllers have it',
    );
  });
});
