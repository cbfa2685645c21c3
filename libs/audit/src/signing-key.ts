import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Secret } from '@k0smotron/api';
import { AlreadyExistsError, type KubeClient } from '@k0smotron/kube';
import { fieldManager, type AuditNames } from './names.ts';

/** Ed25519, with the public half as auditors get it. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly publicKey: string;
}

const field = 'ed25519.pem';

/** The service's key, made at first use. A key that is there is never changed. */
export async function ensureSigningKey(kube: KubeClient, names: AuditNames, signal: AbortSignal): Promise<SigningKey> {
  const key = { namespace: names.namespace, name: names.key };
  const existing = await kube.get(Secret, key, signal);
  if (existing) return fromSecret(existing);
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  const data = { [field]: Buffer.from(pem).toString('base64') };
  try {
    return fromSecret(
      await kube.create(Secret, { metadata: key, type: 'Opaque', immutable: true, data }, { fieldManager }, signal),
    );
  } catch (cause) {
    if (!(cause instanceof AlreadyExistsError)) throw cause;
    return ensureSigningKey(kube, names, signal);
  }
}

function fromSecret({ metadata, data }: Secret): SigningKey {
  try {
    const privateKey = createPrivateKey(Buffer.from(data?.[field] ?? '', 'base64'));
    return { privateKey, publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString() };
  } catch {
    // The cause stays out: it could quote the key.
    throw new Error(
      `Secret ${metadata.namespace}/${metadata.name}: ${field} is no Ed25519 key; delete the Secret to get a new one`,
    );
  }
}
