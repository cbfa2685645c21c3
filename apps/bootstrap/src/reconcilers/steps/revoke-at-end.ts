import { finalizers } from '@k0smotron/api';
import { done, messageOf } from '@k0smotron/core';
import { factObject, tokenRevoked } from '@k0smotron/events';
import { observePaused, type Step } from '@k0smotron/runtime';
import { recordedToken } from '../../tokens/recorded-token.ts';
import { revokeToken } from '../../tokens/workload-token.ts';
import type { ConfigScope } from '../scope.ts';

/** A cluster that is going away may answer no more; its tokens go with it. */
const limitMs = 5000;

/**
 * A config that is deleted takes its token along. Nothing waits for a cluster that does not answer: the token ends by itself
 * within half an hour.
 */
export const revokeAtEnd: Step<ConfigScope> = {
  name: 'revoke at end',

  async run({ run, config, role, machine, cluster, workloads, audit, tokens, owned }, signal) {
    const paused = observePaused(run, cluster);
    if (paused.kind !== 'done') return paused;
    const tokenId = recordedToken(config);
    const key = cluster ? cluster.metadata : machine && { ...run.key, name: machine.spec.clusterName };
    if (tokenId && key) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
      try {
        const workload = await workloads.client({ namespace: key.namespace, name: key.name }, limit);
        if (workload) {
          const fact = tokenRevoked(factObject(config), { tokenId, role, because: 'deleted' }, run.clock.now());
          await audit.around(run.kube, { fact, run: () => revokeToken(workload, tokenId, limit) }, limit);
        }
      } catch (cause) {
        signal.throwIfAborted();
        run.log.info('The join token of a deleted config ends by itself', { reason: messageOf(cause) });
      }
    }
    if (tokenId) tokens.forget(tokenId);
    owned.delete(config.metadata.uid);
    await run.releaseFinalizer(finalizers.joinToken);
    return done;
  },
};
