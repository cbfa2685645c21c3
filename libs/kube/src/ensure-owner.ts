import { withOwner, type Kind, type KubeObject, type OwnerReference } from '@k0smotron/core';
import type { KubeClient } from './client.ts';

/** An object as it was read, and who is to own it. */
export interface Ownership<T extends KubeObject> {
  readonly kind: Kind<T>;
  readonly object: T;
  readonly owner: OwnerReference;
  readonly fieldManager: string;
}

/**
 * Gives an object an owner that it lost or never had, and leaves its other owners alone (OR-1, OR-2). Nothing is sent where
 * there is nothing to do.
 * @throws ConflictError when the object has changed since it was read.
 */
export async function ensureOwner<T extends KubeObject>(
  kube: Pick<KubeClient, 'patch'>,
  { kind, object, owner, fieldManager }: Ownership<T>,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name, uid, resourceVersion, ownerReferences: before } = object.metadata;
  const ownerReferences = withOwner(before, owner);
  if (!ownerReferences) return;
  const body = { metadata: { uid, resourceVersion, ownerReferences } };
  await kube.patch(kind, { namespace, name }, { type: 'merge', body }, { fieldManager }, signal);
}
