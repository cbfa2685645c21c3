import { isDeleting, type Outcome } from '@k0smotron/core';
import { runSteps, type Step } from '@k0smotron/runtime';
import type { BootstrapConfig, ConfigScope } from './scope.ts';
import { ensureDataSecret, type MakeData } from './steps/ensure-data-secret.ts';
import { ensureRestored } from './steps/ensure-restored.ts';
import { observeClusterReady } from './steps/observe-cluster-ready.ts';
import { observeOwner } from './steps/observe-owner.ts';
import { ownDataSecret } from './steps/own-data-secret.ts';
import { revokeAtEnd } from './steps/revoke-at-end.ts';
import { tellDataReady } from './steps/tell-data-ready.ts';
import { tendJoinToken } from './steps/tend-join-token.ts';

/** Makes the data of one config once, then looks after its join token until the machine has joined. */
export function reconcileConfig<C extends BootstrapConfig>(
  scope: ConfigScope<C>,
  makeData: MakeData<C>,
  signal: AbortSignal,
): Promise<Outcome> {
  if (isDeleting(scope.config)) return runSteps([revokeAtEnd], scope, signal);
  const made =
    (scope.config.status?.initialization?.dataSecretCreated ?? false) || scope.machine?.spec.bootstrap?.dataSecretName;
  const make: Step<ConfigScope<C>>[] = [observeOwner, observeClusterReady, ensureDataSecret(makeData)];
  const keep: Step<ConfigScope<C>>[] = [observeOwner, ensureRestored, ownDataSecret];
  return runSteps([...(made ? keep : make), tellDataReady, tendJoinToken], scope, signal);
}
