import { labels, Secret } from '@k0smotron/api';
import {
  bootstrapTokenSecret,
  bootstrapTokenSecretName,
  newBootstrapToken,
  tokenExpiration,
  tokenExtension,
  type BootstrapToken,
  type JoinRole,
} from '@k0smotron/k0s';
import { NotFoundError, type KubeClient } from '@k0smotron/kube';

const keyOf = (tokenId: string) => ({ namespace: 'kube-system', name: bootstrapTokenSecretName(tokenId) });

/**
 * No call to a workload cluster may take longer: it may be on a connection to a controller that has left, whose API server
 * never answers. The next run then comes on a new connection, and every call here can be repeated.
 */
const callLimitMs = 5000;

const soon = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(callLimitMs)]);

/** A token as the workload cluster holds it, if it does. */
async function readToken(
  workload: KubeClient,
  tokenId: string,
  signal: AbortSignal,
): Promise<BootstrapToken | undefined> {
  const stored = await workload.get(Secret, keyOf(tokenId), soon(signal));
  const secret = stored?.data?.['token-secret'];
  return secret === undefined ? undefined : { id: tokenId, secret: Buffer.from(secret, 'base64').toString('utf8') };
}

/** Makes a token of this id valid until then; one that exists already is given back as it is. */
export async function mintToken(
  workload: KubeClient,
  options: { tokenId: string; role: JoinRole; machine: string; expiresAt: Date },
  signal: AbortSignal,
): Promise<BootstrapToken> {
  const { tokenId, role, machine, expiresAt } = options;
  const existing = await readToken(workload, tokenId, signal);
  if (existing) return existing;
  const token = { id: tokenId, secret: newBootstrapToken().secret };
  const intent = bootstrapTokenSecret({
    token,
    role,
    expiresAt,
    description: `k0smotron: ${role} ${machine}`,
    labels: { [labels.tokenFor]: labelValue(machine) },
  });
  await workload.create(Secret, intent, {}, soon(signal));
  return token;
}

/** A label value has 63 characters at most; the whole name is in the description. */
const labelValue = (name: string): string => name.slice(0, 63).replace(/[^a-z0-9A-Z]+$/, '');

/** When a token ends; undefined when it is gone. */
export async function readExpiry(
  workload: KubeClient,
  tokenId: string,
  signal: AbortSignal,
): Promise<Date | undefined> {
  const stored = await workload.get(Secret, keyOf(tokenId), soon(signal));
  return stored && (tokenExpiration(stored.data) ?? new Date(0));
}

/** Moves a token's end. False when it is gone: it stays gone, since its machine cannot join with it any more. */
export async function extendToken(
  workload: KubeClient,
  tokenId: string,
  expiresAt: Date,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await workload.patch(Secret, keyOf(tokenId), { type: 'merge', body: tokenExtension(expiresAt) }, {}, soon(signal));
    return true;
  } catch (cause) {
    if (cause instanceof NotFoundError) return false;
    throw cause;
  }
}

/** Takes a token away; gone already is well. */
export const revokeToken = (workload: KubeClient, tokenId: string, signal: AbortSignal): Promise<void> =>
  workload.remove(Secret, keyOf(tokenId), {}, soon(signal));
