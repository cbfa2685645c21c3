import { labels, Secret, type RemoteMachine } from '@k0smotron/api';
import { controllerRef } from '@k0smotron/core';
import { AlreadyExistsError, type KubeClient } from '@k0smotron/kube';
import { cleanUpFinalizer, cleanUpSecretName, fieldManager } from '../names.ts';
import type { CleanUpRecord } from './clean-up-record.ts';
import { dropFinalizer } from './hold-ssh-key.ts';

/** How a clean-up ended, kept so that a crash after it never cleans a host that somebody else has by then. */
export type CleanUpOutcome = { readonly kind: 'clean' } | { readonly kind: 'dirty'; readonly why: string };

/** A clean-up plan as it is stored. */
export interface StoredCleanUp {
  readonly secret: Secret;
  readonly record: CleanUpRecord;
  readonly outcome?: CleanUpOutcome;
}

const keyOfPlan = ({ metadata }: RemoteMachine) => ({
  namespace: metadata.namespace,
  name: cleanUpSecretName(metadata.name),
});

/** Reads the clean-up plan of a machine; undefined when nothing was ever done to its host. */
export async function readCleanUp(
  kube: KubeClient,
  machine: RemoteMachine,
  signal: AbortSignal,
): Promise<StoredCleanUp | undefined> {
  const secret = await kube.get(Secret, keyOfPlan(machine), signal);
  if (!secret) return undefined;
  const record = fromData<CleanUpRecord>(secret, 'record');
  if (!record) return undefined;
  const outcome = fromData<CleanUpOutcome>(secret, 'outcome');
  return { secret, record, ...(outcome ? { outcome } : {}) };
}

/** Writes the plan down, before anything is done to the host (SR-1). The one that is there first stays. */
export async function createCleanUp(
  kube: KubeClient,
  machine: RemoteMachine,
  record: CleanUpRecord,
  signal: AbortSignal,
): Promise<CleanUpRecord> {
  const clusterName = machine.metadata.labels?.[labels.clusterName];
  const intent = {
    metadata: {
      ...keyOfPlan(machine),
      ...(clusterName ? { labels: { [labels.clusterName]: clusterName } } : {}),
      ownerReferences: [controllerRef(machine)],
      finalizers: [cleanUpFinalizer],
    },
    type: 'infrastructure.k0smotron.io/clean-up',
    data: { record: toData(record) },
  };
  try {
    await kube.create(Secret, intent, { fieldManager }, signal);
    return record;
  } catch (cause) {
    if (!(cause instanceof AlreadyExistsError)) throw cause;
    return (await readCleanUp(kube, machine, signal))?.record ?? record;
  }
}

/** Records how the clean-up ended, before the host is given back. */
export async function settleCleanUp(
  kube: KubeClient,
  { secret }: StoredCleanUp,
  outcome: CleanUpOutcome,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace, uid, resourceVersion } = secret.metadata;
  const body = { metadata: { uid, resourceVersion }, data: { outcome: toData(outcome) } };
  await kube.patch(Secret, { namespace, name }, { type: 'merge', body }, { fieldManager }, signal);
}

/** Lets the plan go; it vanishes with its machine. */
export const releaseCleanUp = (kube: KubeClient, machine: RemoteMachine, signal: AbortSignal): Promise<void> =>
  dropFinalizer(kube, keyOfPlan(machine), cleanUpFinalizer, signal);

const toData = (value: unknown): string => Buffer.from(JSON.stringify(value), 'utf8').toString('base64');

function fromData<T>({ data }: Secret, name: string): T | undefined {
  const value = data?.[name];
  return value === undefined ? undefined : (JSON.parse(Buffer.from(value, 'base64').toString('utf8')) as T);
}
