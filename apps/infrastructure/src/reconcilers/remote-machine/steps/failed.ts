import { conditionTypes } from '@k0smotron/api';
import { lookAgain, type Outcome } from '@k0smotron/core';
import { factObject, machineFailed } from '@k0smotron/events';
import { isConnectionFailure, type HostFailure } from '../../../hosts/host-failure.ts';
import type { HostReport } from '../../../hosts/host-work.ts';
import type { RemoteMachineScope } from '../scope.ts';

/** Tells of work that failed, where the user looks: condition, Event, fact; and comes back when it may be tried again. */
export async function failed(
  scope: RemoteMachineScope,
  condition: string,
  report: Extract<HostReport, { kind: 'failed' }>,
): Promise<Outcome> {
  showFailure(scope, condition, report.failure);
  const { reason, message } = report.failure;
  scope.run.event('Warning', reason, message);
  await announce(scope, condition, report.failure);
  return lookAgain(scope.work.retryInMs(report), message);
}

/** Shows a failure in the conditions; also while the next try runs, which may well end the same way. */
export function showFailure({ run, found }: RemoteMachineScope, condition: string, failure: HostFailure): void {
  const { reason, message } = failure;
  found.problem = message;
  run.report({ type: condition, status: 'False', reason, message });
  if (isConnectionFailure(failure)) {
    run.report({ type: conditionTypes.hostReachable, status: 'False', reason, message });
  }
}

/** The fact bears the time since when the condition is so: it is published once that is stored, and stays over restarts. */
async function announce({ run, remote, bus }: RemoteMachineScope, type: string, failure: HostFailure): Promise<void> {
  const stored = remote.status?.conditions?.find((condition) => condition.type === type);
  if (stored?.status !== 'False' || stored.reason !== failure.reason) return; // our own write wakes the key
  const { reason, step, exitCode } = failure;
  const details = {
    reason,
    since: stored.lastTransitionTime,
    ...(step ? { step } : {}),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
  await bus.publish(machineFailed(factObject(remote), details, run.clock.now()));
}
