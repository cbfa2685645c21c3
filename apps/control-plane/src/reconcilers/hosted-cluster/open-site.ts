import type { K0smotronCluster, KubeconfigRef } from '@k0smotron/api';
import { isDeleting, keyOf, lookAgain, messageOf, TerminalError, type Outcome } from '@k0smotron/core';
import { KubeError, UnreachableError } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';
import { claimPlace, hostedAsAnnotation, hostedAsOf, type HostingProblem } from '../../hosted/hosting-claim.ts';
import type { HostingNamespace } from '../../hosted/hosting-clusters.ts';
import { hostingRefOf, hostingSourceOf, sharingProblem } from '../../hosted/hosting-source.ts';
import { selectionsElsewhere } from '../../hosted/hosted-selections.ts';
import { homeOf, type HostingSite } from '../../hosted/site.ts';
import type { HostedDependencies } from './scope.ts';

/** Where the pods of a plane run, and why nothing may be done there now. */
export interface OpenedSite {
  /** Absent while nothing is known of the place. What its caches hold is as it was when it was last heard. */
  readonly site?: HostingSite;
  /** Then nothing may be written there. */
  readonly hold?: Outcome;
}

/** A place that was good is asked about again so seldom; its watches tell of changes. */
const goodForMs = 30_000;
const againMs = 10_000;
/** As the runtime does for caches at home. */
const staleRetryMs = 50;

/** Finds the cluster that the pods of a plane run in, and says in `HostingClusterReady` how it is, unless it is this one. */
export async function openSite(
  run: Run<K0smotronCluster>,
  dependencies: HostedDependencies,
  signal: AbortSignal,
): Promise<OpenedSite> {
  const ref = hostingRefOf(run.object);
  if (!ref) return { site: homeOf(run) };
  const found = await look(run, { ref, dependencies }, signal);
  if ('reason' in found) return { hold: tell(run, found) };
  const { place, problem } = found;
  const site = place.synced ? { site: siteOf(run, place) } : {};
  if (problem) return { ...site, hold: tell(run, problem) };
  run.report({ type: 'HostingClusterReady', status: 'True', reason: 'Ready', message: '' });
  const stale = place.expectations.pending(keyOf(run.key)) !== undefined;
  return stale ? { hold: lookAgain(staleRetryMs, 'caches to be up to date') } : site;
}

/** Without a place where nothing can be asked. */
type Found = HostingProblem | { readonly place: HostingNamespace; readonly problem: HostingProblem | undefined };

async function look(
  run: Run<K0smotronCluster>,
  { ref, dependencies }: { readonly ref: KubeconfigRef; readonly dependencies: HostedDependencies },
  signal: AbortSignal,
): Promise<Found> {
  const cluster = run.object;
  const { what, secret, key } = hostingSourceOf(ref);
  const memory = dependencies.hosted.of(cluster.metadata.uid);
  const nowMs = run.clock.monotonicMs();
  let place: HostingNamespace | undefined;
  try {
    place = await dependencies.hosting.open(cluster, ref, signal);
    if (!place)
      return { reason: 'KubeconfigMissing', message: `Secret ${keyOf(secret)} with the key ${key} is not there` };
    const { synced, kube } = place;
    const before = memory.hosting;
    const goodFor = before?.problem ? againMs : goodForMs;
    if (before?.of === kube && before.synced === synced && nowMs - before.atMs < goodFor) {
      return { place, problem: before.problem };
    }
    const problem = await placeProblem(run, { ref, place, what }, signal);
    memory.hosting = { of: kube, synced, atMs: nowMs, problem };
    return { place, problem };
  } catch (cause) {
    signal.throwIfAborted();
    const problem = problemOf(cause, what);
    if (!place) return problem;
    memory.hosting = { of: place.kube, synced: place.synced, atMs: nowMs, problem };
    return { place, problem };
  }
}

/** Words that stay the same while it lasts (C-03). @throws what is no word of an API server */
function problemOf(cause: unknown, what: string): HostingProblem {
  if (cause instanceof UnreachableError) {
    return { reason: 'Unreachable', message: `${what}: it does not answer, and nothing is changed there` };
  }
  if (!(cause instanceof TerminalError || cause instanceof KubeError)) throw cause;
  const reason = cause instanceof TerminalError ? cause.reason : 'Refused';
  return { reason, message: `${what}: ${messageOf(cause)}` };
}

async function placeProblem(
  run: Run<K0smotronCluster>,
  { ref, place, what }: { readonly ref: KubeconfigRef; readonly place: HostingNamespace; readonly what: string },
  signal: AbortSignal,
): Promise<HostingProblem | undefined> {
  const message = await sharingProblem(run.object, ref, run.kube, signal);
  if (message !== undefined) return { reason: 'NotShared', message };
  if (!place.synced) {
    // A watch that fails tells nobody why; a list of little does.
    const { namespace } = run.object.metadata;
    for (const { kind, labelSelector } of selectionsElsewhere) {
      await place.kube.list(kind, { namespace, labelSelector, metadataOnly: true }, signal);
    }
    return { reason: 'Listing', message: `${what}: what is there is being listed` };
  }
  return claimPlace(run, { ...place, what }, signal);
}

function tell(run: Run<K0smotronCluster>, { reason, message }: HostingProblem): Outcome {
  run.report({ type: 'HostingClusterReady', status: 'False', reason, message });
  if (isDeleting(run.object)) {
    const wayOut = `if that cluster is gone for ever, annotate this one with ${abandonAnnotation}: "true"`;
    run.report({ type: 'Deleting', status: 'True', reason: 'Deleting', message: `${message}; ${wayOut}` });
  }
  return lookAgain(againMs, message);
}

/** On a hosted Cluster that is being deleted: what it left in another cluster is not waited for any more. */
const abandonAnnotation = 'k0smotron.io/abandon-hosted-objects';

/** Whether a plane that is being deleted leaves nothing elsewhere, or was told to leave it. */
export const leavesNothingElsewhere = (cluster: K0smotronCluster): boolean => {
  const annotations = cluster.metadata.annotations ?? {};
  return (
    hostingRefOf(cluster) !== undefined &&
    (annotations[hostedAsAnnotation] === undefined || annotations[abandonAnnotation] === 'true')
  );
};

function siteOf({ object, key }: Run<K0smotronCluster>, { kube, caches, expectations }: HostingNamespace): HostingSite {
  const id = object.metadata.annotations?.[hostedAsAnnotation] ?? object.metadata.uid;
  return {
    kube,
    caches,
    expectWritten: (written) => expectations.expect(keyOf(key), written),
    mark: { labels: { [hostedAsAnnotation]: id } },
    owns: (part) => hostedAsOf(part) === id,
    elsewhere: true,
  };
}
