import type { JoinTokenRequest } from '@k0smotron/api';
import { isDeleting, type Outcome } from '@k0smotron/core';
import { observePaused, runSteps, type Run, type Step } from '@k0smotron/runtime';
import { scopeOf, type JoinTokenRequestDependencies, type JoinTokenRequestScope } from './scope.ts';
import { ensureToken } from './steps/ensure-token.ts';
import { observeCluster } from './steps/observe-cluster.ts';
import { revokeToken } from './steps/revoke-token.ts';
import { tendToken } from './steps/tend-token.ts';

const notPaused: Step<JoinTokenRequestScope> = {
  name: 'observe paused',
  run: ({ run }) => Promise.resolve(observePaused(run, undefined)),
};

const steps = [notPaused, observeCluster, ensureToken, tendToken] satisfies Step<JoinTokenRequestScope>[];
const ending = [notPaused, revokeToken] satisfies Step<JoinTokenRequestScope>[];

/** Gives a token once, keeps one without an end alive while it is asked for, and revokes it with the request. */
export const reconcileJoinTokenRequest = (
  run: Run<JoinTokenRequest>,
  dependencies: JoinTokenRequestDependencies,
  signal: AbortSignal,
): Promise<Outcome> => runSteps(isDeleting(run.object) ? ending : steps, scopeOf(run, dependencies), signal);
