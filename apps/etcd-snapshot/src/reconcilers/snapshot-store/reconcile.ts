import { conditionTypes, type SnapshotStore } from '@k0smotron/api';
import { done, lookAgain, messageOf, type Outcome } from '@k0smotron/core';
import { StoreRefusedError, StoreUnreachableError } from '@k0smotron/object-store';
import { observePaused, type Run } from '@k0smotron/runtime';
import { MissingCredentialsError, openStoreOf, secretsOf, type StoreDependencies } from '../../stores/open-store-of.ts';
import { probeStore, UnfaithfulStoreError, type ProbedStore } from '../../stores/probe-store.ts';

/**
 * Why a store is not ready, by what was thrown, and when to look again: neither Secrets nor stores can be watched. Anything else
 * is an error of ours, and tried again with a back-off.
 */
const troubles = [
  { type: MissingCredentialsError, reason: 'CredentialsMissing', lookAgainMs: 10_000 },
  { type: StoreUnreachableError, reason: 'Unreachable', lookAgainMs: 60_000 },
  { type: StoreRefusedError, reason: 'Refused', lookAgainMs: 60_000 },
  { type: UnfaithfulStoreError, reason: 'Unfaithful', lookAgainMs: 60_000 },
] as const;

/** Tries the store, at each resync too, and reports what it was seen to do. */
export async function reconcileSnapshotStore(
  run: Run<SnapshotStore>,
  dependencies: StoreDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const paused = observePaused(run, undefined);
  if (paused.kind !== 'done') return paused;
  try {
    reportProbe(run, await probe(run, dependencies, signal));
    return done;
  } catch (cause) {
    const trouble = troubles.find(({ type }) => cause instanceof type);
    if (!trouble) throw cause;
    const { reason, lookAgainMs } = trouble;
    run.report({ type: conditionTypes.ready, status: 'False', reason, message: messageOf(cause) });
    return lookAgain(lookAgainMs, reason);
  }
}

async function probe(
  { object, kube }: Run<SnapshotStore>,
  dependencies: StoreDependencies,
  signal: AbortSignal,
): Promise<ProbedStore> {
  const { metadata, spec } = object;
  const store = await openStoreOf(object, dependencies, secretsOf(kube, metadata.namespace, signal));
  try {
    // By uid, so that stores which share a place do not take each other's.
    const name = `k0smotron-probe/${metadata.uid ?? metadata.name}`;
    return await probeStore(store, { name, recipients: spec.encryption?.recipients ?? [] }, signal);
  } finally {
    store.close();
  }
}

function reportProbe(run: Run<SnapshotStore>, { conditionalPuts }: ProbedStore): void {
  run.report({ type: conditionTypes.ready, status: 'True', reason: 'Ready', message: '' });
  run.report(
    conditionalPuts
      ? { type: 'ConditionalPuts', status: 'True', reason: 'Supported', message: '' }
      : {
          type: 'ConditionalPuts',
          status: 'False',
          reason: 'Ignored',
          message: 'the store replaces an object although it was told not to: nothing but our Lease keeps two apart',
        },
  );
}
