import { conditionTypes } from '@k0smotron/api';
import { isDeleting } from '@k0smotron/core';
import type { RemoteMachineScope } from '../scope.ts';

/** `Ready` sums up what stands between this object and a provisioned host; core shows it as Machine `InfrastructureReady`. */
export function reportReady({ run, remote, found }: RemoteMachineScope): void {
  const report = (status: 'True' | 'False' | 'Unknown', reason: string, message: string): void =>
    run.report({ type: conditionTypes.ready, status, reason, message });
  if (isDeleting(remote)) report('False', 'Deleting', found.problem ?? 'The host is being cleaned');
  else if (found.problem) report('False', 'IssuesReported', found.problem);
  else if (run.status.initialization) report('True', 'InfoReported', '');
  else report('Unknown', 'UnknownReported', 'Nothing is known of the host yet');
}
