import { ConfigMap, Secret } from '@k0smotron/api';
import { TerminalError } from '@k0smotron/core';
import type { MachineFile } from '@k0smotron/k0s';
import { owned, type BootstrapConfig, type ConfigScope } from '../reconcilers/scope.ts';

type UserFile = NonNullable<BootstrapConfig['spec']['files']>[number];
type ContentSource = NonNullable<UserFile['contentFrom']>;

/** The user's files with what they refer to (k0smotron-api S3). */
export function userFiles(scope: ConfigScope, signal: AbortSignal): Promise<MachineFile[]> {
  return Promise.all(
    (scope.config.spec.files ?? []).map(async ({ path, content, permissions, contentFrom }) => {
      if (!path) throw new TerminalError('InvalidFile', 'An item of spec.files has no path: set it or remove the item');
      return {
        path,
        content: contentFrom ? await readSource(scope, contentFrom, signal) : (content ?? ''),
        ...(permissions ? { permissions } : {}),
      };
    }),
  );
}

/**
 * Reads an entry of a Secret or ConfigMap in the Cluster's namespace; the Secret wins when both are given (S2).
 *
 * @throws Error naming object and key when one of them is missing, so that adding it lets the next try succeed.
 */
export async function readSource(scope: ConfigScope, source: ContentSource, signal: AbortSignal): Promise<string> {
  const { run, cluster } = owned(scope);
  const { namespace } = cluster.metadata;
  const { secretRef, configMapRef } = source;
  if (secretRef) {
    const secret = await run.kube.get(Secret, { namespace, name: secretRef.name }, signal);
    return found(secret?.data?.[secretRef.key], `Secret ${secretRef.name}`, secretRef.key, 'base64');
  }
  if (configMapRef) {
    const map = await run.kube.get(ConfigMap, { namespace, name: configMapRef.name }, signal);
    return found(map?.data?.[configMapRef.key], `ConfigMap ${configMapRef.name}`, configMapRef.key, 'utf8');
  }
  throw new TerminalError(
    'InvalidContentSource',
    'contentFrom names neither secretRef nor configMapRef: give one of them',
  );
}

function found(value: string | undefined, where: string, key: string, encoding: 'base64' | 'utf8'): string {
  if (value === undefined) throw new Error(`${where} with key ${key} is not there: create it or correct contentFrom`);
  return Buffer.from(value, encoding).toString('utf8');
}
