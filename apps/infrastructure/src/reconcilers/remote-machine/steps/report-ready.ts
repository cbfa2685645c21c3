import type { RemoteMachineScope } from '../scope.ts';

/** `Ready` sums up what stands between this object and a provisioned host; core shows it as Machine `InfrastructureReady`. */
export function reportReady({ run, remote, found }: RemoteMachineScope): void {
  if (remote.metadata.deletionTimestamp) {
    run.report({ type: 'Ready', status: 'False', reason: 'Deleting', message: found.problem ?? 'The host is being cleaned' });
  } else if (found.problem) {
    run.report({ type: 'Ready', status: 'False', reason: 'IssuesReported', message: found.problem });
  } else if (run.status.initialization) {
    run.report({ type: 'Ready', status: 'True', reason: 'InfoReported', message: '' });
  } else {
    run.report({ type: 'Ready', status: 'Unknown', reason: 'UnknownReported', message: 'Nothing is known of the host yet' });
  }
}
