import type { RemoteMachineScope } from '../scope.ts';

/** Says why the bootstrap has not run yet. Messages are deterministic: no times, no attempt counters (C-03). */
export function reportBootstrap({ run, found }: RemoteMachineScope, reason: string, message: string): void {
  found.problem = message;
  run.report({ type: 'BootstrapExecSucceeded', status: 'False', reason, message });
}
