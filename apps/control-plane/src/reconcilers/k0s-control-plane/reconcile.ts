import { finalizers, type K0sControlPlane } from '@k0smotron/api';
import { done, isDeleting, waitingOn, type Outcome } from '@k0smotron/core';
import { observePaused, runSteps, type Run, type Step } from '@k0smotron/runtime';
import { scopeOf, type ControlPlaneDependencies, type ControlPlaneScope } from './scope.ts';
import { ensureSharedConfig } from './steps/ensure-shared-config.ts';
import { letJoinersIn } from './steps/let-joiners-in.ts';
import { makeMove } from './steps/make-move.ts';
import { observeHosts } from './steps/observe-hosts.ts';
import { observeInitialized } from './steps/observe-initialized.ts';
import { prepareGroundwork } from './steps/prepare-groundwork.ts';
import { propagateTemplate } from './steps/propagate-template.ts';
import { reportMachines } from './steps/report-machines.ts';
import { reportRemediation } from './steps/report-remediation.ts';
import { reportStatus } from './steps/report-status.ts';
import { tearDown } from './steps/tear-down.ts';
import { tellFacts } from './steps/tell-facts.ts';

const ensureFinalizer: Step<ControlPlaneScope> = {
  name: 'ensure finalizer',
  run: async ({ run }) => {
    await run.ensureFinalizer(finalizers.k0sControlPlane);
    return done;
  },
};

const observeInfrastructure: Step<ControlPlaneScope> = {
  name: 'observe infrastructure',
  run: ({ cluster, found }) => {
    if (cluster?.status?.initialization?.infrastructureProvisioned === true) return Promise.resolve(done);
    found.hold = 'the infrastructure of the Cluster is not provisioned yet';
    return Promise.resolve(waitingOn('the infrastructure of the Cluster'));
  },
};

const control = [
  ensureFinalizer,
  tellFacts,
  observeInfrastructure,
  propagateTemplate,
  prepareGroundwork,
  observeHosts,
  observeInitialized,
  ensureSharedConfig,
  reportMachines,
  reportRemediation,
  letJoinersIn,
  makeMove,
] satisfies Step<ControlPlaneScope>[];

/** Nobody joins, leaves or is looked at any more; core deletes the control plane itself once the workers are gone. */
const awaitDeletion: Step<ControlPlaneScope> = {
  name: 'await deletion',
  run: ({ found }) => {
    found.hold = 'the Cluster is being deleted';
    return Promise.resolve(waitingOn('the deletion of this control plane, after that of the workers'));
  },
};

const ending = [awaitDeletion] satisfies Step<ControlPlaneScope>[];
const teardown = [tearDown] satisfies Step<ControlPlaneScope>[];

/** Keeps a set of controllers as the spec wants it: one look at the world, then at most one move. */
export async function reconcileControlPlane(
  run: Run<K0sControlPlane>,
  dependencies: ControlPlaneDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const scope = scopeOf(run, dependencies);
  if (!scope.cluster && !isDeleting(run.object)) return waitingOn('a Cluster that owns this control plane');
  const mayGoOn = observePaused(run, scope.cluster);
  if (mayGoOn.kind !== 'done') {
    delete scope.memory.groundwork; // what others do to it meanwhile is seen as soon as the pause ends
    return mayGoOn;
  }
  await forgetGoneHosts(scope);
  try {
    return await runSteps(stepsFor(scope), scope, signal);
  } finally {
    reportStatus(scope);
  }
}

function stepsFor({ plane, cluster }: ControlPlaneScope): readonly Step<ControlPlaneScope>[] {
  if (isDeleting(plane)) return teardown;
  return cluster && isDeleting(cluster) ? ending : control;
}

/** Sessions to hosts of machines that are no more would stay open for ever. */
async function forgetGoneHosts({ memory, controllers, hosts }: ControlPlaneScope): Promise<void> {
  const present = new Set(controllers.map(({ remote }) => remote?.metadata.uid));
  for (const uid of [...memory.hosts].filter((known) => !present.has(known))) {
    memory.hosts.delete(uid);
    await hosts.forget(uid);
  }
}
