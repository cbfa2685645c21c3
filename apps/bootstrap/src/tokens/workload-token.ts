import { Secret } from '@k0smotron/api';
import { rfc3339 } from '@k0smotron/core';
import {
  bootstrapTokenSecret,
  bootstrapTokenSecretName,
  joinTokenLifetimeMs,
  newBootstrapToken,
  type BootstrapToken,
  type JoinRole,
} from '@k0smotron/k0s';
import type { KubeClient } from '@k0smotron/kube';

const keyOf = (tokenId: string) => ({ namespace: 'kube-system', name: bootstrapTokenSecretName(tokenId) });

/** A token as the workload cluster holds it, if it does. */
export async function readToken(
  workload: KubeClient,
  tokenId: string,
  signal: AbortSignal,
): Promise<BootstrapToken | undefined> {
  const stored = await workload.get(Secret, keyOf(tokenId), signal);
  const secret = stored?.data?.['token-secret'];
  return secret === undefined ? undefined : { id: tokenId, secret: Buffer.from(secret, 'base64').toString('utf8') };
}

/** Makes a token of this id valid; one that exists already is given back as it is. */
export async function mintToken(
  workload: KubeClient,
  { tokenId, role, description, now }: { tokenId: string; role: JoinRole; description: string; now: Date },
  signal: AbortSignal,
): Promise<BootstrapToken> {
  const existing = await readToken(workload, tokenId, signal);
  if (existing) return existing;
  const token = { id: tokenId, secret: newBootstrapToken().secret };
  const expiresAt = new Date(now.getTime() + joinTokenLifetimeMs);
  await workload.create(Secret, bootstrapTokenSecret({ token, role, expiresAt, description }), {}, signal);
  return token;
}

/** Gives a token its full life again; one that is gone stays gone, since its machine cannot join with it any more. */
export async function extendToken(workload: KubeClient, tokenId: string, now: Date, signal: AbortSignal): Promise<void> {
  const stored = await workload.get(Secret, keyOf(tokenId), signal);
  if (!stored) return;
  const expiration = rfc3339(new Date(now.getTime() + joinTokenLifetimeMs));
  const { uid } = stored.metadata;
  const data = { expiration: Buffer.from(expiration, 'utf8').toString('base64') };
  await workload.patch(Secret, keyOf(tokenId), { type: 'merge', body: { metadata: { uid }, data } }, {}, signal);
}

/** Takes a token away; gone already is well. */
export const revokeToken = (workload: KubeClient, tokenId: string, signal: AbortSignal): Promise<void> =>
  workload.remove(Secret, keyOf(tokenId), {}, signal);
