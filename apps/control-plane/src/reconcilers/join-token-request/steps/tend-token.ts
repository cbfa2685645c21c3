import { done, lookAgain, rfc3339, waitingOn } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { durationMs, prolongBelowMs, rollingLifeMs } from '../expiry.ts';
import { reportCreated, reportEnded } from '../report.ts';
import type { JoinTokenRequestScope } from '../scope.ts';
import { extendToken, readExpiry, recordedToken } from '../token.ts';

/** Says how long the token is good, and gives one without an end a new life before it is over. */
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
    if (!expiresAt || leftMs <= 0) {
      reportEnded(run, 'The token is good no more: make a new request');
      return done;
    }
    if (durationMs(request.spec.expiry) > 0) {
      reportCreated(run, `The token is good until ${rfc3339(expiresAt)}`);
      return lookAgain(leftMs + 1000, 'the token comes to its end');
    }
    reportCreated(run, 'The token is good while this request is there');
    if (leftMs < prolongBelowMs) {
      await extendToken(workload, tokenId, new Date(run.clock.now().getTime() + rollingLifeMs), signal);
      return lookAgain(prolongBelowMs, 'the token must stay good');
    }
    return lookAgain(leftMs - prolongBelowMs + 1000, 'the token must stay good');
  },
};
