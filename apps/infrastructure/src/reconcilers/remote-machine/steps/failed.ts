import { lookAgain, type Outcome } from '@k0smotron/core';
import { factObject, machineFailed } from '@k0smotron/events';
import type { HostReport } from '../../../hosts/host-work.ts';
import type { RemoteMachineScope } from '../scope.ts';

/** Tells of work that failed, where the user looks: condition, Event, fact; and comes back when it may be tried again. */
export async function failed(
  { run, remote, bus, work, found }: RemoteMachineScope,
  condition: string,
  report: Extract<HostReport, { kind: 'failed' }>,
): Promise<Outcome> {
  const { reason, message, step, exitCode } = report.failure;
  found.problem = message;
  run.report({ type: condition, status: 'False', reason, message });
  run.event('Warning', reason, message);
  const details = { reason, since: report.since, ...(step ? { step } : {}), ...(exitCode === undefined ? {} : { exitCode }) };
  await bus.publish(machineFailed(factObject(remote), details, run.clock.now()));
  return lookAgain(work.retryInMs(report), message);
}
