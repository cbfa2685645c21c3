import type { K0smotronControlPlane } from '@k0smotron/api';
import { done, isDeleting, waitingOn, type Outcome } from '@k0smotron/core';
import { observePaused, runSteps, type Run, type Step } from '@k0smotron/runtime';
import { controlPlaneFinalizer } from '../../hosted/names.ts';
import { scopeOf, type HostedControlPlaneDependencies, type HostedControlPlaneScope } from './scope.ts';
import { blockMove } from './steps/block-move.ts';
import { ensureHostedCluster } from './steps/ensure-hosted-cluster.ts';
import { reportStatus } from './steps/report-status.ts';
import { setEndpoint } from './steps/set-endpoint.ts';
import { tearDown } from './steps/tear-down.ts';

const ensureFinalizer: Step<HostedControlPlaneScope> = {
  name: 'ensure finalizer',
  run: async ({ run }) => {
    await run.ensureFinalizer(controlPlaneFinalizer);
    return done;
  },
};

const steps = [ensureFinalizer, blockMove, ensureHostedCluster, setEndpoint] satisfies Step<HostedControlPlaneScope>[];
const teardown = [tearDown] satisfies Step<HostedControlPlaneScope>[];

/** Joins a Cluster of Cluster API to the hosted Cluster that does the work. */
export async function reconcileHostedControlPlane(
  run: Run<K0smotronControlPlane>,
  dependencies: HostedControlPlaneDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const scope = scopeOf(run, dependencies);
  if (!scope.cluster && !isDeleting(run.object)) return waitingOn('a Cluster that owns this control plane');
  const mayGoOn = observePaused(run, scope.cluster);
  if (mayGoOn.kind !== 'done') return mayGoOn;
  try {
    return await runSteps(isDeleting(run.object) ? teardown : steps, scope, signal);
  } finally {
    reportStatus(scope);
  }
}
