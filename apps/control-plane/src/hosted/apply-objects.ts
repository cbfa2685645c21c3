import { Secret } from '@k0smotron/api';
import { controllerRef, keyOf, TerminalError, type Kind, type KubeObject } from '@k0smotron/core';
import { applyPatches, intentHash, type HostedObject } from '@k0smotron/hosted';
import { fieldManager } from '../names.ts';
import type { HostedScope } from '../reconcilers/hosted-cluster/scope.ts';
import { fitVolumes } from './fit-volumes.ts';
import { kindOf, StatefulSet } from './kinds.ts';
import { appliedHashAnnotation, hostedSelector } from './names.ts';

/**
 * Applies generated objects, with the user's patches, where what is wanted of them has changed. Gives what is stored, in the
 * order given.
 *
 * @throws TerminalError when an object of that name belongs to somebody else.
 */
export async function applyObjects(
  scope: HostedScope,
  objects: readonly HostedObject[],
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const stored: KubeObject[] = [];
  for (const object of applyPatches(objects, scope.plane.spec.patches)) {
    stored.push(await applyObject(scope, object, signal));
  }
  scope.found.wanted.push(...stored);
  return stored;
}

async function applyObject(scope: HostedScope, wanted: HostedObject, signal: AbortSignal): Promise<KubeObject> {
  const { run, cluster } = scope;
  const kind = kindOf(wanted);
  const stored = await storedOf(scope, kind, wanted, signal);
  if (stored) assertOurs(scope, kind, stored);
  const object = stored && kind === StatefulSet ? await fitVolumes(scope, stored, wanted, signal) : wanted;
  if (stored && !object) return stored;
  const { apiVersion: _version, kind: _kind, ...rest } = object ?? wanted;
  const hash = intentHash(object);
  const metadata = {
    ...wanted.metadata,
    annotations: { ...wanted.metadata.annotations, [appliedHashAnnotation]: hash },
    ownerReferences: [controllerRef(cluster)],
  };
  if (stored?.metadata.annotations?.[appliedHashAnnotation] === hash) return stored;
  const applied = await run.kube.apply(kind, { ...rest, metadata }, { fieldManager }, signal);
  if (isCached(kind)) run.expectWritten(applied);
  return applied;
}

function assertOurs({ cluster }: HostedScope, { kind }: Kind, { metadata }: KubeObject): void {
  if (metadata.ownerReferences?.some(({ uid }) => uid === cluster.metadata.uid)) return;
  const what = `${kind} ${keyOf(metadata)}`;
  throw new TerminalError('ObjectExists', `${what} belongs to somebody else: rename the Cluster or remove it`);
}

/** From the cache; what is not in it may be there without our labels, which must not be taken over. */
const storedOf = async (
  { run }: HostedScope,
  kind: Kind,
  { metadata: { namespace, name } }: HostedObject,
  signal: AbortSignal,
): Promise<KubeObject | undefined> =>
  (isCached(kind) ? run.caches.of(kind, hostedSelector).get({ namespace, name }) : undefined) ??
  (await run.kube.get(kind, { namespace, name }, signal));

const isCached = (kind: Kind): boolean => kind !== Secret;
