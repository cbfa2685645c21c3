import { done, lookAgain, rfc3339, waitingOn, type Outcome } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { Step } from '@k0smotron/runtime';
import { durationMs, prolongBelowMs, rollingLifeMs } from '../expiry.ts';
import { reportCreated, reportEnded, reportUsed } from '../report.ts';
import { revokeUsed } from '../revoke-used.ts';
import type { JoinTokenRequestScope } from '../scope.ts';
import { extendToken, readExpiry, recordedToken } from '../token.ts';

/** Nobody tells us when a node of a workload cluster joins, so it is looked for this often while a token is for one. */
const lookForNodeMs = 10_000;

/** Says how long the token is good, gives one without an end a new life before it is over, and ends one that was used up. */
export const tendToken: Step<JoinTokenRequestScope> = {
  name: 'tend token',

  async run(scope, signal) {
    const { run, request } = scope;
    const tokenId = recordedToken(request);
    if (!tokenId) return waitingOn('the token to be seen in the cache');
    const workload = await scope.workload(signal);
    if (!workload) return waitingOn('the kubeconfig of the Cluster');
    const expiresAt = await readExpiry(workload, tokenId, signal);
    const leftMs = (expiresAt?.getTime() ?? 0) - run.clock.now().getTime();
    const node = await revokeUsed(scope, { workload, tokenId, good: leftMs > 0 }, signal);
    if (node !== undefined) {
      reportUsed(run, node);
      return done;
    }
    if (!expiresAt || leftMs <= 0) {
      reportEnded(run, 'The token is good no more: make a new request');
      return done;
    }
    const kept = await keep(scope, { workload, tokenId, expiresAt }, signal);
    return request.spec.singleUse && kept.kind === 'again'
      ? lookAgain(Math.min(kept.afterMs, lookForNodeMs), 'a node may join')
      : kept;
  },
};

interface GoodToken {
  readonly workload: KubeClient;
  readonly tokenId: string;
  readonly expiresAt: Date;
}

async function keep(
  { run, request }: JoinTokenRequestScope,
  { workload, tokenId, expiresAt }: GoodToken,
  signal: AbortSignal,
): Promise<Outcome> {
  const now = run.clock.now().getTime();
  const leftMs = expiresAt.getTime() - now;
  run.status.expiresAt = rfc3339(expiresAt);
  if (durationMs(request.spec.expiry) > 0) {
    reportCreated(run, `The token is good until ${rfc3339(expiresAt)}`);
    return lookAgain(leftMs + 1000, 'the token comes to its end');
  }
  reportCreated(run, 'The token is good while this request is there');
  if (leftMs >= prolongBelowMs) return lookAgain(leftMs - prolongBelowMs + 1000, 'the token must stay good');
  const prolonged = new Date(now + rollingLifeMs);
  await extendToken(workload, tokenId, prolonged, signal);
  run.status.expiresAt = rfc3339(prolonged);
  return lookAgain(prolongBelowMs, 'the token must stay good');
}
