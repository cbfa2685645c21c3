import { waitingOn, type Outcome } from '@k0smotron/core';
import type { Run } from '@k0smotron/runtime';
import type { BootstrapConfig } from './scope.ts';

/** Condition `DataSecretAvailable` and its summary `Ready` (k0smotron-api §10). */
export function reportData(run: Run<BootstrapConfig>, status: 'True' | 'False', reason: string, message: string): void {
  run.report({ type: 'DataSecretAvailable', status, reason, message });
  run.report({ type: 'Ready', status, reason: status === 'True' ? 'Ready' : 'NotReady', message });
}

/** Says what is waited for, to the user and to the queue. */
export function reportWaiting(run: Run<BootstrapConfig>, reason: string, what: string): Outcome {
  reportData(run, 'False', reason, `Waiting for ${what}`);
  return waitingOn(what);
}
