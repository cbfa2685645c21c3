import { labels, Secret, type JoinTokenRequest } from '@k0smotron/api';
import {
  bootstrapTokenSecret,
  bootstrapTokenSecretName,
  newBootstrapToken,
  tokenExpiration,
  tokenExtension,
  type BootstrapToken,
} from '@k0smotron/k0s';
import type { KubeClient } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';
import { labelValue } from '../../machines/label-value.ts';
import { fieldManager } from '../../names.ts';

/** Public half of a request's token. Written before the token is minted, so that a crash leaves none that nobody knows of. */
const tokenAnnotation = 'k0smotron.io/join-token-id';

/** The token that a request was, or is about to be, given. */
export const recordedToken = ({ metadata }: JoinTokenRequest): string | undefined =>
  metadata.annotations?.[tokenAnnotation];

/** Names the token of a request, once; the same again after a crash. */
export async function recordToken(run: Run<JoinTokenRequest>): Promise<string> {
  const known = recordedToken(run.object);
  if (known) return known;
  const { id } = newBootstrapToken();
  await run.annotate({ [tokenAnnotation]: id });
  return id;
}

/** Node that joined with a token for one. Written before the token goes, since nothing in the cluster tells of it later. */
const usedByAnnotation = 'k0smotron.io/join-token-used-by';

/** The node that has used the token up. */
export const recordedUse = ({ metadata }: JoinTokenRequest): string | undefined =>
  metadata.annotations?.[usedByAnnotation];

/** Writes down who has used the token up. */
export const recordUse = (run: Run<JoinTokenRequest>, node: string): Promise<void> =>
  run.annotate({ [usedByAnnotation]: node });

const keyOf = (tokenId: string) => ({ namespace: 'kube-system', name: bootstrapTokenSecretName(tokenId) });

/** Makes the token valid until then; one that exists already is given back as it is. */
export async function mintToken(
  workload: KubeClient,
  { tokenId, request, expiresAt }: { tokenId: string; request: string; expiresAt: Date },
  signal: AbortSignal,
): Promise<BootstrapToken> {
  const stored = await workload.get(Secret, keyOf(tokenId), signal);
  const secret = stored?.data?.['token-secret'];
  if (secret !== undefined) return { id: tokenId, secret: Buffer.from(secret, 'base64').toString('utf8') };
  const token = { id: tokenId, secret: newBootstrapToken().secret };
  const intent = bootstrapTokenSecret({
    token,
    role: 'worker',
    expiresAt,
    description: `k0smotron: JoinTokenRequest ${request}`,
    labels: { [labels.tokenFor]: labelValue(request) },
  });
  await workload.create(Secret, intent, { fieldManager }, signal);
  return token;
}

/** When the token ends; undefined when the cluster has it no more. */
export async function readExpiry(
  workload: KubeClient,
  tokenId: string,
  signal: AbortSignal,
): Promise<Date | undefined> {
  const stored = await workload.get(Secret, keyOf(tokenId), signal);
  return stored && (tokenExpiration(stored.data) ?? new Date(0));
}

/** Moves the end of a token. @throws NotFoundError when it is gone. */
export async function extendToken(
  workload: KubeClient,
  tokenId: string,
  expiresAt: Date,
  signal: AbortSignal,
): Promise<void> {
  const patch = { type: 'merge', body: tokenExtension(expiresAt) } as const;
  await workload.patch(Secret, keyOf(tokenId), patch, { fieldManager }, signal);
}

/** Takes a token away; gone already is well. */
export const removeToken = (workload: KubeClient, tokenId: string, signal: AbortSignal): Promise<void> =>
  workload.remove(Secret, keyOf(tokenId), {}, signal);
