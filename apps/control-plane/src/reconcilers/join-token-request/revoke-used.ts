import { factObject, joinTokenRevoked } from '@k0smotron/events';
import type { KubeClient } from '@k0smotron/kube';
import { nodeJoinedWith } from './node-joined.ts';
import type { JoinTokenRequestScope } from './scope.ts';
import { recordedUse, recordUse, removeToken } from './token.ts';

/** A token of a request, and whether it is still good. */
export interface KnownToken {
  readonly workload: KubeClient;
  readonly tokenId: string;
  readonly good: boolean;
}

/** Revokes a token that is for one node when a node has joined with it. Gives that node, also when it was revoked before. */
export async function revokeUsed(
  scope: JoinTokenRequestScope,
  { workload, tokenId, good }: KnownToken,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { run, request, audit } = scope;
  const known = recordedUse(request);
  if (!good || !request.spec.singleUse) return known;
  const node = known ?? (await nodeJoinedWith(workload, tokenId, signal));
  if (node === undefined) return undefined;
  if (known === undefined) await recordUse(run, node);
  const fact = joinTokenRevoked(factObject(request), { tokenId, role: 'worker', because: 'joined' }, run.clock.now());
  await audit.around(run.kube, { fact, run: () => removeToken(workload, tokenId, signal) }, signal);
  return node;
}
