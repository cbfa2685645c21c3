import type { K0sControllerConfig } from '@k0smotron/api';
import { urlHost } from '@k0smotron/core';
import { controllerPlan, isSingleController, renderControllerConfig } from '@k0smotron/k0s';
import { toBootstrapData } from '../../data/bootstrap-data.ts';
import { controllerPki } from '../../data/cluster-secrets.ts';
import { settingsOf } from '../../data/settings.ts';
import { joinToken } from '../../tokens/join-token.ts';
import { reportWaiting } from '../report.ts';
import { owned, type ConfigScope } from '../scope.ts';
import type { MakeData } from '../steps/ensure-data-secret.ts';
import { controllerRole } from './controller-role.ts';

/** The first controller is given the cluster's keys; the others a token for a controller that the control plane named. */
export const controllerData: MakeData<K0sControllerConfig> = async (scope, signal) => {
  const role = controllerRole(scope);
  if (role.kind === 'wait') return reportWaiting(scope.run, 'WaitingForControlPlaneInitialization', role.on);

  const settings = await settingsOf(scope, signal);
  const k0s = configOf(scope, settings.version, isSingleController(settings));
  if (role.kind === 'first') {
    const pki = await controllerPki(scope, signal);
    return toBootstrapData(scope, controllerPlan(settings, k0s, { kind: 'first', pki }), signal);
  }
  controllerPlan(settings, k0s, { kind: 'joins', joinToken: '' }); // a mistake in the settings costs no token
  const joinOn = `https://${urlHost(role.host)}:${k0sApiPort(k0s)}`;
  const token = await joinToken(scope, joinOn, signal);
  if (typeof token !== 'string') return token;
  return toBootstrapData(scope, controllerPlan(settings, k0s, { kind: 'joins', joinToken: token }), signal);
};

function configOf(scope: ConfigScope<K0sControllerConfig>, version: string | undefined, single: boolean) {
  const { config, machine, cluster } = owned(scope);
  const { controlPlaneEndpoint, clusterNetwork } = cluster.spec;
  return renderControllerConfig({
    k0s: config.spec.k0s,
    version,
    machineName: machine.metadata.name,
    endpointHost: controlPlaneEndpoint?.host ?? '',
    podCidrs: clusterNetwork?.pods?.cidrBlocks,
    serviceCidrs: clusterNetwork?.services?.cidrBlocks,
    serviceDomain: clusterNetwork?.serviceDomain,
    single,
  });
}

/** Where controllers answer those that join; 9443 unless the user moved it. */
function k0sApiPort(k0s: Readonly<Record<string, unknown>>): number {
  const spec = k0s.spec as { readonly api?: { readonly k0sApiPort?: number } } | undefined;
  return spec?.api?.k0sApiPort ?? 9443;
}
