import { done, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { reportWaiting } from '../report.ts';
import { owned, type ConfigScope } from '../scope.ts';

/** Data is made after the infrastructure is ready and the endpoint is known (B-02); workers also need a running control plane. */
export const observeClusterReady: Step<ConfigScope> = {
  name: 'observe cluster ready',
  run: (scope) => Promise.resolve(observe(scope)),
};

function observe(scope: ConfigScope): Outcome {
  const { run, cluster, role } = owned(scope);
  const initialization = cluster.status?.initialization;
  if (initialization?.infrastructureProvisioned !== true) {
    return reportWaiting(run, 'WaitingForInfrastructure', 'the infrastructure of the Cluster to be ready');
  }
  if (!cluster.spec.controlPlaneEndpoint?.host) {
    return reportWaiting(run, 'WaitingForControlPlaneInitialization', 'Cluster spec.controlPlaneEndpoint to be set');
  }
  if (role === 'worker' && initialization.controlPlaneInitialized !== true) {
    return reportWaiting(
      run,
      'WaitingForControlPlaneInitialization',
      'the control plane of the Cluster to be initialised',
    );
  }
  return done;
}
