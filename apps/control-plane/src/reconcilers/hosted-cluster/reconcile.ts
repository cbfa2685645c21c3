import { Cluster, K0smotronControlPlane, type K0smotronCluster } from '@k0smotron/api';
import { done, isDeleting, type Outcome } from '@k0smotron/core';
import { observePaused, runSteps, type Run, type Step } from '@k0smotron/runtime';
import { endpointOf } from '../../hosted/endpoint.ts';
import { clusterFinalizer } from '../../hosted/names.ts';
import { leavesNothingElsewhere, openSite } from './open-site.ts';
import { scopeOf, type HostedDependencies, type HostedScope } from './scope.ts';
import { chooseEndpoint } from './steps/choose-endpoint.ts';
import { ensureObjects } from './steps/ensure-objects.ts';
import { ensureSecrets } from './steps/ensure-secrets.ts';
import { ensureServices } from './steps/ensure-services.ts';
import { makeEtcdMove } from './steps/make-etcd-move.ts';
import { observeApi } from './steps/observe-api.ts';
import { observeEtcd } from './steps/observe-etcd.ts';
import { observeWays } from './steps/observe-ways.ts';
import { reportFunctional, reportStatus } from './steps/report-status.ts';
import { leaveBehind, tearDown } from './steps/tear-down.ts';

const ensureFinalizer: Step<HostedScope> = {
  name: 'ensure finalizer',
  run: async ({ run }) => {
    await run.ensureFinalizer(clusterFinalizer);
    return done;
  },
};

const groundwork = [
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
  if (isDeleting(run.object) && leavesNothingElsewhere(run.object)) {
    const { key: clusterKey, object: cluster } = run;
    return runSteps([leaveBehind], { ...dependencies, run, cluster, clusterKey }, signal);
  }
  const { site, hold } = await openSite(run, dependencies, signal);
  if (!site) return hold ?? done;
  const scope = scopeOf(run, dependencies, site);
  if (hold) return attendFromAfar(scope, hold, signal);
  try {
    return await runAll(scope, signal);
  } catch (cause) {
    scope.found.failed = true;
    delete scope.memory.hosting;
    throw cause;
  } finally {
    reportStatus(scope);
  }
}

/** The API may well answer while the cluster that its pods run in does not. What was known of these stays (C-04). */
async function attendFromAfar(scope: HostedScope, hold: Outcome, signal: AbortSignal): Promise<Outcome> {
  if (isDeleting(scope.cluster)) return hold;
  scope.found.endpoint = endpointOf(scope.cluster);
  const outcome = await runSteps([observeApi], scope, signal);
  reportFunctional(scope);
  return soonest([hold, outcome]);
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
