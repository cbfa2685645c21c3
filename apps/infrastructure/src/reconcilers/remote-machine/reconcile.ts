import { finalizers, type RemoteMachine } from '@k0smotron/api';
import { done, isDeleting, waitingOn, type Outcome } from '@k0smotron/core';
import { observePaused, runSteps, type Run, type Step } from '@k0smotron/runtime';
import { scopeOf, type RemoteMachineDependencies, type RemoteMachineScope } from './scope.ts';
import { ensureBootstrapRan } from './steps/ensure-bootstrap-ran.ts';
import { ensureCleanUpPlan } from './steps/ensure-clean-up-plan.ts';
import { ensureHostClean } from './steps/ensure-host-clean.ts';
import { ensureHostReached } from './steps/ensure-host-reached.ts';
import { ensureHostReleased } from './steps/ensure-host-released.ts';
import { ensureHostReserved } from './steps/ensure-host-reserved.ts';
import { ensureMachineMetadata } from './steps/ensure-machine-metadata.ts';
import { ensureProviderId } from './steps/ensure-provider-id.ts';
import { observeBootstrapData } from './steps/observe-bootstrap-data.ts';
import { observeSupport } from './steps/observe-support.ts';
import { reportReady } from './steps/report-ready.ts';

const observeOwner: Step<RemoteMachineScope> = {
  name: 'observe owner',
  run: ({ machine, cluster, found }) => {
    const missing = !machine ? 'a Machine that owns this RemoteMachine' : `Cluster ${machine.spec.clusterName}`;
    if (cluster) return Promise.resolve(done);
    found.problem = `Waiting for ${missing}`;
    return Promise.resolve(waitingOn(missing));
  },
};

const observePause: Step<RemoteMachineScope> = {
  name: 'observe paused',
  run: ({ run, cluster }) => Promise.resolve(observePaused(run, cluster)),
};

const ensureFinalizer: Step<RemoteMachineScope> = {
  name: 'ensure finalizer',
  run: async ({ run }) => {
    await run.ensureFinalizer(finalizers.remoteMachine);
    return done;
  },
};

const provision = [
  observeOwner,
  observePause,
  ensureFinalizer,
  observeSupport,
  ensureHostReserved,
  ensureHostReached,
  observeBootstrapData,
  ensureCleanUpPlan,
  ensureBootstrapRan,
  ensureProviderId,
  ensureMachineMetadata,
] satisfies Step<RemoteMachineScope>[];

const teardown = [observePause, ensureHostClean, ensureHostReleased] satisfies Step<RemoteMachineScope>[];

/** Brings one host from "answers SSH" to "a node of its cluster", or back. */
export async function reconcileRemoteMachine(
  run: Run<RemoteMachine>,
  dependencies: RemoteMachineDependencies & Pick<RemoteMachineScope, 'prepared'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const scope = scopeOf(run, dependencies);
  const outcome = await runSteps(isDeleting(run.object) ? teardown : provision, scope, signal);
  reportReady(scope); // not after an unexpected error: `Ready` stays as it was until we know better
  return outcome;
}
