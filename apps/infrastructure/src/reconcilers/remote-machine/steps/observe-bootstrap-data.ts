import { done, waitingOn, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import type { RemoteMachineScope } from '../scope.ts';
import { reportBootstrap } from './report-bootstrap.ts';

/** Nothing is done to a host before the cluster's infrastructure is ready and there is something to run (IM-01). */
export const observeBootstrapData: Step<RemoteMachineScope> = {
  name: 'observe bootstrap data',
  run: (scope) => Promise.resolve(observe(scope)),
};

function observe(scope: RemoteMachineScope): Outcome {
  const { machine, cluster, remote } = scope;
  if (remote.spec.providerID) return done; // provisioned: nothing is waited for any more
  if (cluster?.status?.initialization?.infrastructureProvisioned !== true) {
    reportBootstrap(scope, 'WaitingForClusterInfrastructure', 'Waiting for the infrastructure of the Cluster');
    return waitingOn('the infrastructure of the Cluster');
  }
  if (!machine?.spec.bootstrap?.dataSecretName) {
    reportBootstrap(scope, 'WaitingForBootstrapData', 'Waiting for the bootstrap provider to make the bootstrap data');
    return waitingOn('bootstrap data');
  }
  return done;
}
