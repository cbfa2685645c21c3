import { keyOf, type Kind, type KubeObject } from '@k0smotron/core';
import { ConflictError, NotFoundError, type KubeClient } from '@k0smotron/kube';
import type { Expectations } from './expectations.ts';
import { leftBehind, statusOf, type Status } from './next-status.ts';

/** Who writes a status, and where. */
interface StatusWriter<T extends KubeObject> {
  /** The controller's. */
  readonly name: string;
  readonly kind: Kind<T>;
  readonly kube: KubeClient;
  readonly expectations: Expectations;
}

/**
 * Applies a status, and takes away what the run dropped of it. An object that is gone needs none.
 *
 * @throws KubeError when it could not be written, or when somebody else wrote the object in between.
 */
export async function writeStatus<T extends KubeObject>(
  writer: StatusWriter<T>,
  object: T,
  status: Status,
): Promise<void> {
  try {
    await applyStatus(writer, object, status);
  } catch (error) {
    const gone =
      error instanceof NotFoundError ||
      (error instanceof ConflictError && object.metadata.deletionTimestamp !== undefined);
    if (!gone) throw error;
  }
}

async function applyStatus<T extends KubeObject>(
  { kube, kind, name: controller, expectations }: StatusWriter<T>,
  object: T,
  status: Status,
): Promise<void> {
  const { name, namespace, uid } = object.metadata;
  const key = namespace === undefined ? { name } : { name, namespace };
  const options = { fieldManager: `${controller}/status`, subresource: 'status' } as const;
  // The uid keeps the apply from touching an object made anew under the same name.
  const intent = { metadata: { ...key, uid }, status } as unknown as Parameters<typeof kube.apply<T>>[1];
  let written = await kube.apply(kind, intent, options);
  const left = leftBehind({ before: statusOf(object), wanted: status, written: statusOf(written) });
  if (left) {
    const { resourceVersion } = written.metadata;
    const body = { metadata: { uid, resourceVersion }, status: left };
    written = await kube.patch(kind, key, { type: 'merge', body }, options);
  }
  expectations.expect(keyOf(key), written);
}
