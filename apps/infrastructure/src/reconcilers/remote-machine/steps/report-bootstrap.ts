import { conditionTypes } from '@k0smotron/api';
import type { RemoteMachineScope } from '../scope.ts';

/**
 * Says why the bootstrap has not run yet. Messages are deterministic: no times, no attempt counters (C-03). `summary` is
 * what `Ready` says, where it must not change with each step.
 */
export function reportBootstrap(
  { run, found }: RemoteMachineScope,
  reason: string,
  message: string,
  summary = message,
): void {
  found.problem = summary;
  run.report({ type: conditionTypes.bootstrapExecSucceeded, status: 'False', reason, message });
}
