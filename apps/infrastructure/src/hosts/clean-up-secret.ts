import { labels, Secret, type RemoteMachine } from '@k0smotron/api';
import { controllerRef } from '@k0smotron/core';
import { AlreadyExistsError, ensureOwner, type KubeClient } from '@k0smotron/kube';
import { cleanUpFinalizer, cleanUpSecretName, fieldManager } from '../names.ts';
import type { CleanUpRecord } from './clean-up-record.ts';
import { dropFinalizer } from './hold-ssh-key.ts';

const planType = 'infrastructure.k0smotron.io/clean-up';

const keyOfPlan = ({ metadata }: RemoteMachine) => ({
  namespace: metadata.namespace,
  name: cleanUpSecretName(metadata.name),
});

/** Reads the clean-up plan of a machine; undefined when nothing was ever done to its host. */
export async function readCleanUp(
  kube: KubeClient,
  machine: RemoteMachine,
  signal: AbortSignal,
): Promise<CleanUpRecord | undefined> {
  return recordIn(await kube.get(Secret, keyOfPlan(machine), signal));
}

/** As {@link readCleanUp}, and gives the plan its owner back (OR-1, OR-2), so that it goes and is moved with its machine. */
export async function ownCleanUp(
  kube: KubeClient,
  machine: RemoteMachine,
  signal: AbortSignal,
): Promise<CleanUpRecord | undefined> {
  const object = await kube.get(Secret, keyOfPlan(machine), signal);
  if (object?.type === planType) {
    await ensureOwner(kube, { kind: Secret, object, owner: controllerRef(machine), fieldManager }, signal);
  }
  return recordIn(object);
}

function recordIn(secret: Secret | undefined): CleanUpRecord | undefined {
  const value = secret?.data?.['record'];
  return value === undefined ? undefined : (JSON.parse(Buffer.from(value, 'base64').toString('utf8')) as CleanUpRecord);
}

/** Writes the plan down, before anything is done to the host (SR-1). The one that is there first stays, unchanged. */
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
    type: planType,
    data: { record: Buffer.from(JSON.stringify(record), 'utf8').toString('base64') },
  };
  try {
    await kube.create(Secret, intent, { fieldManager }, signal);
    return record;
  } catch (cause) {
    if (!(cause instanceof AlreadyExistsError)) throw cause;
    return (await readCleanUp(kube, machine, signal)) ?? record;
  }
}

/** Lets the plan go; it vanishes with its machine. */
export const releaseCleanUp = (kube: KubeClient, machine: RemoteMachine, signal: AbortSignal): Promise<void> =>
  dropFinalizer(kube, keyOfPlan(machine), cleanUpFinalizer, signal);
