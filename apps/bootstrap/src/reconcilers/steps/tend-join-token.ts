import { finalizers } from '@k0smotron/api';
import { done, lookAgain, waitingOn, type Outcome } from '@k0smotron/core';
import { factObject, tokenRevoked } from '@k0smotron/events';
import { joinTokenLifetimeMs } from '@k0smotron/k0s';
import type { KubeClient } from '@k0smotron/kube';
import type { Step } from '@k0smotron/runtime';
import { forgetToken, recordedToken } from '../../tokens/recorded-token.ts';
import { extendToken, readExpiry, revokeToken } from '../../tokens/workload-token.ts';
import { hasJoined } from '../has-joined.ts';
import { owned, type ConfigScope } from '../scope.ts';

/** Keeps a token alive while its machine has not joined, and revokes it as soon as it has (B-07). */
export const tendJoinToken: Step<ConfigScope> = {
  name: 'tend join token',

  async run(scope, signal) {
    const { run, config, role, workloads, audit, machine, cluster, tokens } = owned(scope);
    const tokenId = recordedToken(config);
    if (!tokenId) {
      await run.releaseFinalizer(finalizers.joinToken);
      return done;
    }
    const joined = hasJoined(machine, role);
    if (!joined && leftMs(scope, tokenId) > extendBelowMs) return untilExtension(scope, tokenId);

    const key = { namespace: cluster.metadata.namespace, name: cluster.metadata.name };
    const workload = await workloads.client(key, signal);
    if (!workload) return waitingOn('the kubeconfig of the cluster');
    if (!joined) return prolong(scope, { workload, tokenId }, signal);
    const fact = tokenRevoked(factObject(config), { tokenId, role, because: 'joined' }, run.clock.now());
    await audit.around(run.kube, { fact, run: () => revokeToken(workload, tokenId, signal) }, signal);
    tokens.forget(tokenId);
    await run.releaseFinalizer(finalizers.joinToken);
    await forgetToken(run);
    return done;
  },
};

/** A third of its life is spent before a token is given its whole life again. */
const extendBelowMs = (joinTokenLifetimeMs * 2) / 3;

const leftMs = ({ run, tokens }: ConfigScope, tokenId: string): number =>
  (tokens.expiryOf(tokenId)?.getTime() ?? 0) - run.clock.now().getTime();

const untilExtension = (scope: ConfigScope, tokenId: string): Outcome =>
  lookAgain(
    Math.max(leftMs(scope, tokenId) - extendBelowMs, 0) + 1000,
    'the join token must stay valid until the machine has joined',
  );

/** Asks for the token's end where this process does not know it, and moves it when it is near. */
async function prolong(
  scope: ConfigScope,
  { workload, tokenId }: { readonly workload: KubeClient; readonly tokenId: string },
  signal: AbortSignal,
): Promise<Outcome> {
  const { run, tokens } = scope;
  if (tokens.expiryOf(tokenId) === undefined) {
    const expiry = await readExpiry(workload, tokenId, signal);
    if (!expiry) return waitingOn('the machine to join: its token is gone');
    tokens.remember(tokenId, expiry);
  }
  if (leftMs(scope, tokenId) <= extendBelowMs) {
    const expiresAt = new Date(run.clock.now().getTime() + joinTokenLifetimeMs);
    if (!(await extendToken(workload, tokenId, expiresAt, signal))) {
      return waitingOn('the machine to join: its token is gone');
    }
    tokens.remember(tokenId, expiresAt);
  }
  return untilExtension(scope, tokenId);
}
