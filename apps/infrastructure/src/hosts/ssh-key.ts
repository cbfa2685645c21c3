import { createHash } from 'node:crypto';
import { type RemoteMachine, Secret } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';

/** The private key that opens a host. `bytes` is a secret; `digest` tells two keys apart and is none. */
export interface SshKey {
  readonly secret: Secret;
  readonly bytes: Buffer;
  readonly digest: string;
}

/** Reads the key of a machine: entry `value` of the Secret that `spec.sshKeyRef` names. Undefined when it is not there. */
export async function readSshKey(
  kube: KubeClient,
  { metadata, spec }: RemoteMachine,
  signal: AbortSignal,
): Promise<SshKey | undefined> {
  const name = spec.sshKeyRef?.name;
  if (!name) return undefined;
  const secret = await kube.get(Secret, { namespace: metadata.namespace, name }, signal);
  const value = secret?.data?.['value'];
  if (!secret || value === undefined) return undefined;
  const bytes = Buffer.from(value, 'base64');
  return { secret, bytes, digest: createHash('sha256').update(bytes).digest('hex').slice(0, 16) };
}

/** Names a machine and all that a connection to its host depends on. */
export const connectionId = ({ metadata, spec }: RemoteMachine, { digest }: SshKey): string =>
  [metadata.uid, spec.address, spec.port, spec.user, digest].join(' ');
