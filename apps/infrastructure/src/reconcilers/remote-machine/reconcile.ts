import { finalizers, type RemoteMachine } from '@k0smotron/api';
import { done, isDeleting, lookAgain, waitingOn, type Outcome } from '@k0smotron/core';
import { observePaused, runSteps, type ConditionInput, type Run, type Step } from '@k0smotron/runtime';
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

/** Objects that are applied together meet within this time; until then their absence is nothing to tell of. */
const meetingMs = 3000;

const observeOwner: Step<RemoteMachineScope> = {
  name: 'observe owner',
  run: ({ run, remote, machine, cluster, found }) => {
    const missing = !machine ? 'a Machine that owns this RemoteMachine' : `Cluster ${machine.spec.clusterName}`;
    if (machine && cluster) return Promise.resolve(done);
    const ageMs = run.clock.now().getTime() - Date.parse(remote.metadata.creationTimestamp ?? '');
    found.quiet = Math.abs(ageMs) < meetingMs; // far in the future is a clock that differs from ours
    found.problem = `Waiting for ${missing}`;
    return Promise.resolve(found.quiet ? lookAgain(meetingMs, missing) : waitingOn(missing));
  },
};

const observePause: Step<RemoteMachineScope> = {
  name: 'observe paused',
  run: ({ run, remote, cluster, found, prepared }) => {
    const outcome = observePaused(run, cluster);
    found.paused = outcome.kind !== 'done';
    if (found.paused) prepared.delete(remote.metadata.uid ?? ''); // others may change its Secrets meanwhile
    return Promise.resolve(outcome);
  },
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
  const reports: ConditionInput[] = [];
  const scope = scopeOf({ ...run, report: (condition) => void reports.push(condition) }, dependencies);
  try {
    const outcome = await runSteps(isDeleting(run.object) ? teardown : provision, scope, signal);
    if (!scope.found.paused) reportReady(scope); // not after an unexpected error: `Ready` stays as it was until we know better
    return outcome;
  } finally {
    // Each write wakes core, which reconciles the Machine: with forty at once that is most of the work.
    if (!scope.found.quiet) for (const condition of reports) run.report(condition);
  }
}
