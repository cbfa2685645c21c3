import { join } from 'node:path';
import { Secret, type SnapshotStore } from '@k0smotron/api';
import { TerminalError } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { ObjectStore, StoreOptions } from '@k0smotron/object-store';

/** What is needed to open the stores that users describe. */
export interface StoreDependencies {
  readonly openStore: (options: StoreOptions) => Promise<ObjectStore>;
  /** Where directory stores lie; empty when there are none to be. */
  readonly storeDir: string;
}

/** Something that the store needs is not there yet: it may come, so it is looked for again. */
export class MissingCredentialsError extends Error {
  override readonly name = 'MissingCredentialsError';
}

/**
 * Opens the store that a SnapshotStore describes; who opens it closes it. Secrets are read by name, fresh each time, so that a
 * rotated key counts at once.
 *
 * @throws TerminalError `NotSupported`, `InvalidPath`; MissingCredentialsError
 */
export async function openStoreOf(
  { metadata: { namespace }, spec: { s3, persistentVolumeClaim, directory } }: SnapshotStore,
  { openStore, storeDir }: StoreDependencies,
  read: (name: string) => Promise<Secret | undefined>,
): Promise<ObjectStore> {
  if (persistentVolumeClaim) {
    throw new TerminalError('NotSupported', 'stores on a PersistentVolumeClaim come later: use s3 or directory');
  }
  if (directory) return openStore({ kind: 'directory', path: pathBelow(storeDir, directory.path) });
  if (!s3) throw new TerminalError('NotSupported', 'the store names no place'); // the schema wants one
  const { credentialsRef, caRef, ...where } = s3;
  const value = async (name: string, key: string): Promise<string> => {
    const text = Buffer.from((await read(name))?.data?.[key] ?? '', 'base64').toString();
    if (text === '') throw new MissingCredentialsError(`Secret ${namespace ?? ''}/${name} has no ${key}`);
    return text;
  };
  return openStore({
    kind: 's3',
    ...where,
    accessKeyId: (await value(credentialsRef.name, 'accessKeyId')).trim(),
    secretAccessKey: (await value(credentialsRef.name, 'secretAccessKey')).trim(),
    ...(caRef ? { caPem: await value(caRef.name, 'ca.crt') } : {}),
  });
}

/** Reads Secrets of one namespace, by name (SR-18). */
export const secretsOf =
  (kube: KubeClient, namespace: string | undefined, signal: AbortSignal) =>
  (name: string): Promise<Secret | undefined> =>
    kube.get(Secret, { ...(namespace === undefined ? {} : { namespace }), name }, signal);

/** Users choose the path: nothing may lead out of the folder. */
function pathBelow(storeDir: string, path: string): string {
  if (storeDir === '') {
    throw new TerminalError(
      'NotSupported',
      'the service was started without --store-dir, so it has no folder for stores',
    );
  }
  if (!path.split('/').every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part))) {
    throw new TerminalError('InvalidPath', `"${path}": write a relative path of letters, digits, dots, _ and -`);
  }
  return join(storeDir, path);
}
