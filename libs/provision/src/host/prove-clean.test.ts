import { describe, expect, it } from '@jest/globals';
import { type CommandRunner, HostJobCutError } from './journal-caller.ts';
import { renderJournal } from './journal.ts';
import { proveClean } from './prove-clean.ts';

const epoch = { leaseUid: 'l', transitions: 0, acquiredAtMs: 1 };
const job = renderJournal({ files: [], commands: [] }, { machineUid: 'uid', epoch, purpose: 'clean-up' });
/** A host that answers with these lines, and exit code 0. */
const answering = (lines: readonly string[]): CommandRunner => ({
  run: (_command, options) => {
    for (const line of lines) options?.onLine?.(line);
    return Promise.resolve({ code: 0, stdout: '', stderr: '' });
  },
});
const prove = (lines: readonly string[]) => proveClean(answering(lines), { job, verify: 'true' }, { sudo: false });

describe('proveClean', () => {
  it('tells what is left', async () => {
    expect(await prove(['k0sm1 left path /etc/k0s.yaml', 'k0sm1 state absent'])).toEqual([
      { kind: 'path', what: '/etc/k0s.yaml' },
    ]);
    expect(await prove(['k0sm1 state absent'])).toEqual([]);
  });

  it('does not take an answer that was cut short for a clean host', async () => {
    await expect(prove([])).rejects.toBeInstanceOf(HostJobCutError);
    await expect(prove(['k0sm1 left path /etc/k0s.yaml'])).rejects.toBeInstanceOf(HostJobCutError);
  });
});
