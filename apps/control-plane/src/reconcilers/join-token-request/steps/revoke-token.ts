import { done, isDeleting, messageOf } from '@k0smotron/core';
import { factObject, joinTokenRevoked } from '@k0smotron/events';
import type { Step } from '@k0smotron/runtime';
import { joinTokenFinalizer } from '../../../hosted/names.ts';
import type { JoinTokenRequestScope } from '../scope.ts';
import { recordedToken, removeToken } from '../token.ts';

/** A request takes its token along; the tokens of a cluster that goes away go with it. */
export const revokeToken: Step<JoinTokenRequestScope> = {
  name: 'revoke token',

  async run(scope, signal) {
    const { run, request, cluster, audit } = scope;
    const tokenId = recordedToken(request);
    if (tokenId && cluster && !isDeleting(cluster)) {
      try {
        const workload = await scope.workload(signal);
        if (workload) {
          const details = { tokenId, role: 'worker', because: 'deleted' } as const;
          const fact = joinTokenRevoked(factObject(request), details, run.clock.now());
          await audit.around(run.kube, { fact, run: () => removeToken(workload, tokenId, signal) }, signal);
        }
      } catch (cause) {
        const why = `the token cannot be revoked while the API of Cluster ${scope.clusterKey.name} does not answer`;
        run.report({ type: 'JoinTokenSecretCreated', status: 'False', reason: 'NotRevoked', message: why });
        throw new Error(`${why}: ${messageOf(cause)}`, { cause });
      }
    }
    await run.releaseFinalizer(joinTokenFinalizer);
    return done;
  },
};
