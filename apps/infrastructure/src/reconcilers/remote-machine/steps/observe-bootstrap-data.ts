import { done, lookAgain, messageOf, TerminalError, waitingOn, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { readBootstrapData } from '../../../hosts/bootstrap-data.ts';
import { isBooted, type RemoteMachineScope } from '../scope.ts';
import { reportBootstrap } from './report-bootstrap.ts';

/** Secrets of any provider cannot be watched (SR-18). */
const missingMs = 5000;
const unusableMs = 30_000;

/** Nothing is done to a host before the cluster's infrastructure is ready and there is something to run (IM-01). */
export const observeBootstrapData: Step<RemoteMachineScope> = {
  name: 'observe bootstrap data',

  async run(scope, signal) {
    const { run, machine, cluster, remote, found } = scope;
    if (remote.spec.providerID) return done; // provisioned: nothing is waited for any more
    if (isBooted(scope)) return done; // it has been read
    if (cluster?.status?.initialization?.infrastructureProvisioned !== true) {
      reportBootstrap(scope, 'WaitingForClusterInfrastructure', 'Waiting for the infrastructure of the Cluster');
      return waitingOn('the infrastructure of the Cluster');
    }
    const name = machine?.spec.bootstrap?.dataSecretName;
    if (!name) {
      reportBootstrap(
        scope,
        'WaitingForBootstrapData',
        'Waiting for the bootstrap provider to make the bootstrap data',
      );
      return waitingOn('bootstrap data');
    }
    try {
      found.data = await readBootstrapData(run.kube, { namespace: remote.metadata.namespace, name }, remote, signal);
      return done;
    } catch (cause) {
      signal.throwIfAborted();
      return unreadable(scope, cause);
    }
  },
};

/** Data that cannot be executed is the user's to change; data that is not there yet is waited for. */
function unreadable(scope: RemoteMachineScope, cause: unknown): Outcome {
  const message = messageOf(cause);
  const terminal = cause instanceof TerminalError;
  reportBootstrap(scope, terminal ? cause.reason : 'BootstrapDataUnreadable', message);
  if (terminal) scope.run.event('Warning', cause.reason, message);
  return lookAgain(terminal ? unusableMs : missingMs, message);
}
