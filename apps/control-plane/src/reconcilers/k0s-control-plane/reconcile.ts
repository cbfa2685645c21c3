import { finalizers, type K0sControlPlane } from '@k0smotron/api';
import { done, isDeleting, waitingOn, type Outcome } from '@k0smotron/core';
import { observePaused, runSteps, type Run, type Step } from '@k0smotron/runtime';
import { scopeOf, type ControlPlaneDependencies, type ControlPlaneScope } from './scope.ts';
import { ensureCertificates } from './steps/ensure-certificates.ts';
import { ensureKubeconfig } from './steps/ensure-kubeconfig.ts';
import { letJoinersIn } from './steps/let-joiners-in.ts';
import { makeMove } from './steps/make-move.ts';
import { observeHosts } from './steps/observe-hosts.ts';
import { observeInitialized } from './steps/observe-initialized.ts';
import { ownTemplate } from './steps/own-template.ts';
import { reportMachines } from './steps/report-machines.ts';
import { reportStatus } from './steps/report-status.ts';
import { tearDown } from './steps/tear-down.ts';

const observeOwner: Step<ControlPlaneScope> = {
  name: 'observe owner',
  run: ({ run, cluster }) =>
    Promise.resolve(cluster ? observePaused(run, cluster) : waitingOn('a Cluster that owns this control plane')),
};

const ensureFinalizer: Step<ControlPlaneScope> = {
  name: 'ensure finalizer',
  run: async ({ run }) => {
    await run.ensureFinalizer(finalizers.k0sControlPlane);
    return done;
  },
};

const observeInfrastructure: Step<ControlPlaneScope> = {
  name: 'observe infrastructure',
  run: ({ cluster }) =>
    Promise.resolve(
      cluster?.status?.initialization?.infrastructureProvisioned === true
        ? done
        : waitingOn('the infrastructure of the Cluster'),
    ),
};

const control = [
  observeOwner,
  ensureFinalizer,
  observeInfrastructure,
  ownTemplate,
  ensureCertificates,
  ensureKubeconfig,
  observeHosts,
  observeInitialized,
  reportMachines,
  letJoinersIn,
  makeMove,
] satisfies Step<ControlPlaneScope>[];

const observeDeletionPaused: Step<ControlPlaneScope> = {
  name: 'observe paused',
  run: ({ run, cluster }) => Promise.resolve(observePaused(run, cluster)),
};

const teardown = [observeDeletionPaused, tearDown] satisfies Step<ControlPlaneScope>[];

/** Keeps a set of controllers as the spec wants it: one look at the world, then at most one move. */
export async function reconcileControlPlane(
  run: Run<K0sControlPlane>,
  dependencies: ControlPlaneDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const scope = scopeOf(run, dependencies);
  try {
    return await runSteps(isDeleting(run.object) ? teardown : control, scope, signal);
  } finally {
    reportStatus(scope);
  }
}
