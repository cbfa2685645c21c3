import type { Kind, KubeObject, ObjectKey } from '@k0smotron/core';
import { ConflictError, NotFoundError, type KubeClient } from '@k0smotron/kube';

/** Whose finalizers, and with what. */
export interface FinalizerOptions<T extends KubeObject> {
  readonly kube: KubeClient;
  readonly kind: Kind<T>;
  readonly key: ObjectKey;
  readonly fieldManager: string;
}

/** Core patches owner references and labels of new objects all the time, so a conflict is ordinary. */
const attempts = 5;

/**
 * Changes `metadata.finalizers` in a patch of its own with the resourceVersion as precondition; reads again after a
 * conflict. Gives the object as it is now, or undefined when it is gone.
 *
 * @param change gives the new list, or the same one when there is nothing to do.
 * @throws ConflictError when others kept writing.
 */
export async function changeFinalizers<T extends KubeObject>(
  { kube, kind, key, fieldManager }: FinalizerOptions<T>,
  known: T,
  change: (present: readonly string[], object: T) => readonly string[],
  signal?: AbortSignal,
): Promise<T | undefined> {
  let object: T | undefined = known;
  for (let attempt = 1; object; attempt += 1) {
    const present: readonly string[] = object.metadata.finalizers ?? [];
    const finalizers = change(present, object);
    if (finalizers === present) return object;
    const { resourceVersion } = object.metadata;
    try {
      const body = { metadata: { resourceVersion, finalizers } };
      return await kube.patch(kind, key, { type: 'merge', body }, { fieldManager }, signal);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      if (!(error instanceof ConflictError) || attempt === attempts) throw error;
    }
    object = await kube.get(kind, key, signal);
    if (object && object.metadata.uid !== known.metadata.uid) return undefined; // made anew under the same name
  }
  return undefined;
}

/** Adds `name`, unless the object is being deleted: the server would refuse. */
export const adding =
  (name: string) =>
  (present: readonly string[], { metadata }: KubeObject): readonly string[] =>
    present.includes(name) || metadata.deletionTimestamp !== undefined ? present : [...present, name];

/** Takes `name` away. */
export const removing =
  (name: string) =>
  (present: readonly string[]): readonly string[] =>
    present.includes(name) ? present.filter((other) => other !== name) : present;
