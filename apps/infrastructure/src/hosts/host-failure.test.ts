import { describe, expect, it } from '@jest/globals';
import { HostBusyError, HostJobCutError, HostJournalError, SupersededError } from '@k0smotron/provision';
import { CommandTimeoutError, ConnectError } from '@k0smotron/ssh';
import { explainFailure, HostFailureError, isConnectionFailure } from './host-failure.ts';
import { scriptFailure } from './run-on-host.ts';

describe('explainFailure', () => {
  it.each([
    [new ConnectError('cut'), 'HostUnreachable'],
    [new HostJobCutError('cut'), 'HostUnreachable'],
    [new CommandTimeoutError('slow'), 'HostNotResponding'],
    [new HostJournalError('disk full'), 'HostJournalFailed'],
    [new HostBusyError('busy'), 'HostBusy'],
    [new SupersededError('later leader'), 'Superseded'],
    [new Error('whatever'), 'InternalError'],
  ])('names %p', (error, reason) => {
    expect(explainFailure(error)).toEqual({ reason, message: error.message });
  });

  it('keeps what was explained already', () => {
    const failure = { reason: 'SudoMissing', message: 'no sudo' };
    expect(explainFailure(new HostFailureError(failure))).toBe(failure);
    expect(isConnectionFailure(failure)).toBe(true);
    expect(isConnectionFailure({ reason: 'ProvisionFailed', message: '' })).toBe(false);
  });
});

describe('scriptFailure', () => {
  const step = { number: 2, kind: 'command', name: 'command 1 of 1 (curl)' } as const;
  const failed = (lastLines: readonly string[]) =>
    scriptFailure({ ok: false, step, exitCode: 22, lastLines, alreadyDone: false }, '192.0.2.1:22');

  it('says host, step, exit code and the last lines', () => {
    const lines = Array.from({ length: 20 }, (_, at) => `line ${at}`);
    expect(failed(lines)).toEqual({
      reason: 'ProvisionFailed',
      step: step.name,
      exitCode: 22,
      message:
        '192.0.2.1:22: step 2 (command 1 of 1 (curl)) ended with exit code 22; last output:\n' +
        lines.slice(-8).join('\n'),
    });
  });

  it('hides a secret that spans more lines than are shown', () => {
    const key = Array.from({ length: 30 }, (_, at) => `c2VjcmV0${at}`);
    const { message } = failed(['-----BEGIN EC PRIVATE KEY-----', ...key]);
    expect(message).not.toContain('c2VjcmV0');
    expect(message).toContain('[redacted EC PRIVATE KEY]');
  });
});
