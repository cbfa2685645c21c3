import { Cluster, K0smotronControlPlane, type K0smotronCluster } from '@k0smotron/api';
import { done, isDeleting, type Outcome } from '@k0smotron/core';
import { observePaused, runSteps, type Run, type Step } from '@k0smotron/runtime';
import { clusterFinalizer } from '../../hosted/names.ts';
import { scopeOf, type HostedDependencies, type HostedScope } from './scope.ts';
import { checkSupported } from './steps/check-supported.ts';
import { chooseEndpoint } from './steps/choose-endpoint.ts';
import { ensureObjects } from './steps/ensure-objects.ts';
import { ensureSecrets } from './steps/ensure-secrets.ts';
import { ensureServices } from './steps/ensure-services.ts';
import { makeEtcdMove } from './steps/make-etcd-move.ts';
import { observeApi } from './steps/observe-api.ts';
import { observeEtcd } from './steps/observe-etcd.ts';
import { observeWays } from './steps/observe-ways.ts';
import { reportStatus } from './steps/report-status.ts';
import { tearDown } from './steps/tear-down.ts';

const ensureFinalizer: Step<HostedScope> = {
  name: 'ensure finalizer',
  run: async ({ run }) => {
    await run.ensureFinalizer(clusterFinalizer);
    return done;
  },
};

const groundwork = [
  checkSupported,
  ensureFinalizer,
  ensureServices,
  chooseEndpoint,
  ensureSecrets,
  observeEtcd,
  ensureObjects,
] satisfies Step<HostedScope>[];

/** None waits for another: etcd may be moved while the API does not answer, and the other way round. */
const attendance = [observeWays, observeApi, makeEtcdMove] satisfies Step<HostedScope>[];
const teardown = [tearDown] satisfies Step<HostedScope>[];

/** Keeps the pods of a hosted control plane as the spec wants them: one look at the world, then at most one move of etcd. */
export async function reconcileHostedCluster(
  run: Run<K0smotronCluster>,
  dependencies: HostedDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const mayGoOn = observePaused(run, clusterApiClusterOf(run));
  if (mayGoOn.kind !== 'done') return mayGoOn;
  const scope = scopeOf(run, dependencies);
  try {
    return await runAll(scope, signal);
  } catch (cause) {
    scope.found.failed = true;
    throw cause;
  } finally {
    reportStatus(scope);
  }
}

async function runAll(scope: HostedScope, signal: AbortSignal): Promise<Outcome> {
  if (isDeleting(scope.cluster)) return runSteps(teardown, scope, signal);
  const outcome = await runSteps(groundwork, scope, signal);
  if (outcome.kind !== 'done') return outcome;
  const outcomes = [];
  for (const step of attendance) outcomes.push(await runSteps([step], scope, signal));
  return soonest(outcomes);
}

/** The Cluster that a hosted one was made for; they have one name. */
const clusterApiClusterOf = ({ object, caches, key }: Run<K0smotronCluster>): Cluster | undefined =>
  object.metadata.ownerReferences?.some(({ kind }) => kind === K0smotronControlPlane.kind)
    ? caches.of(Cluster).get(key)
    : undefined;

/** The one that comes back first; `waiting` before `done`, since it says what is missing. */
function soonest(outcomes: readonly Outcome[]): Outcome {
  const timed = outcomes.filter((outcome) => outcome.kind === 'again').sort((a, b) => a.afterMs - b.afterMs);
  return timed[0] ?? outcomes.find(({ kind }) => kind === 'waiting') ?? done;
}
