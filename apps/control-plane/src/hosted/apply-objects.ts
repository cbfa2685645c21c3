import { Secret } from '@k0smotron/api';
import { keyOf, TerminalError, type Kind, type KubeObject } from '@k0smotron/core';
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
  const { site } = scope;
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
    ...site.mark,
    labels: { ...wanted.metadata.labels, ...site.mark.labels },
  };
  if (stored?.metadata.annotations?.[appliedHashAnnotation] === hash) return stored;
  const applied = await site.kube.apply(kind, { ...rest, metadata }, { fieldManager }, signal);
  if (isCached(scope, kind)) site.expectWritten(applied);
  return applied;
}

function assertOurs({ site }: HostedScope, { kind }: Kind, object: KubeObject): void {
  if (site.owns(object)) return;
  const what = `${kind} ${keyOf(object.metadata)}`;
  throw new TerminalError('ObjectExists', `${what} belongs to somebody else: rename the Cluster or remove it`);
}

/** From the cache; what is not in it may be there without our labels, which must not be taken over. */
const storedOf = async (
  scope: HostedScope,
  kind: Kind,
  { metadata: { namespace, name } }: HostedObject,
  signal: AbortSignal,
): Promise<KubeObject | undefined> =>
  (isCached(scope, kind) ? scope.site.caches.of(kind, hostedSelector).get({ namespace, name }) : undefined) ??
  (await scope.site.kube.get(kind, { namespace, name }, signal));

/** Secrets only where the kubeconfig is for that (SR-18). */
const isCached = ({ site }: HostedScope, kind: Kind): boolean => site.elsewhere || kind !== Secret;
