import { done, lookAgain, waitingOn } from '@k0smotron/core';
import { factObject, tokenRevoked } from '@k0smotron/events';
import { joinTokenLifetimeMs } from '@k0smotron/k0s';
import type { Step } from '@k0smotron/runtime';
import { forgetToken, recordedToken } from '../../tokens/recorded-token.ts';
import { extendToken, revokeToken } from '../../tokens/workload-token.ts';
import { hasJoined } from '../has-joined.ts';
import { owned, type ConfigScope } from '../scope.ts';

/** Keeps a token alive while its machine has not joined, and revokes it as soon as it has (B-07). */
export const tendJoinToken: Step<ConfigScope> = {
  name: 'tend join token',

  async run(scope, signal) {
    const { run, config, role, workloads, bus, machine, cluster } = owned(scope);
    const tokenId = recordedToken(config);
    if (!tokenId) return done;

    const key = { namespace: cluster.metadata.namespace, name: cluster.metadata.name };
    const workload = await workloads.client(key, signal);
    if (!workload) return waitingOn('the kubeconfig of the cluster');
    if (!hasJoined(machine, role)) {
      await extendToken(workload, tokenId, run.clock.now(), signal);
      return lookAgain(joinTokenLifetimeMs / 3, 'the join token must stay valid until the machine has joined');
    }
    await revokeToken(workload, tokenId, signal);
    await bus.publish(tokenRevoked(factObject(config), { tokenId, role, because: 'joined' }, run.clock.now()));
    await forgetToken(run, signal);
    return done;
  },
};
