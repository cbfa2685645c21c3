import { describe, expect, it } from '@jest/globals';
import { budgetFor, type RemediationPolicy, type RemediationRecord } from './remediation.ts';

const minuteMs = 60_000;
const start = Date.parse('2026-01-01T00:00:00Z');
const before: RemediationRecord = { machine: 'a', timestamp: '2026-01-01T00:00:00Z', retryCount: 1 };
const after = (minutes: number, policy: RemediationPolicy, record: RemediationRecord | undefined = before) =>
  budgetFor('b', record, policy, start + minutes * minuteMs);

describe('the budget of remediation', () => {
  it('counts from nothing for a machine that took nobody’s place', () => {
    expect(budgetFor('b', undefined, { maxRetry: 0 }, start)).toEqual({
      kind: 'try',
      record: { machine: 'b', timestamp: '2026-01-01T00:00:00.000Z', retryCount: 0 },
    });
  });

  it('goes on counting when the machine in its place fails within the hour, and forgets after it', () => {
    expect(after(59, {})).toMatchObject({ kind: 'try', record: { retryCount: 2 } });
    expect(after(61, {})).toMatchObject({ kind: 'try', record: { retryCount: 0 } });
    expect(after(11, { minHealthyPeriodMs: 10 * minuteMs })).toMatchObject({ record: { retryCount: 0 } });
  });

  it('waits between two tries', () => {
    const policy = { retryPeriodMs: 20 * minuteMs };
    expect(after(19, policy)).toEqual({
      kind: 'later',
      because: 'it took the place of a, and tries are 1200 s apart',
    });
    expect(after(21, policy).kind).toBe('try');
  });

  it('ends after so many retries', () => {
    expect(after(1, { maxRetry: 2 }).kind).toBe('try');
    expect(after(1, { maxRetry: 1 })).toEqual({
      kind: 'never',
      because: '2 machines in its place have failed, and maxRetry is 1',
    });
    expect(after(61, { maxRetry: 1 }).kind).toBe('try');
  });

  it('waits for nobody because of a record that says no time', () => {
    expect(after(1, { maxRetry: 0 }, { ...before, timestamp: 'true' }).kind).toBe('try');
  });
});
