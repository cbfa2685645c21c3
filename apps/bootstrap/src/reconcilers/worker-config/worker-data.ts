import type { K0sWorkerConfig } from '@k0smotron/api';
import { urlHost } from '@k0smotron/core';
import { workerPlan } from '@k0smotron/k0s';
import { toBootstrapData } from '../../data/bootstrap-data.ts';
import { settingsOf } from '../../data/settings.ts';
import { joinToken } from '../../tokens/join-token.ts';
import { owned } from '../scope.ts';
import type { MakeData } from '../steps/ensure-data-secret.ts';

/** A worker joins through the endpoint of its Cluster. The settings are read first: a mistake there costs no token. */
export const workerData: MakeData<K0sWorkerConfig> = async (scope, signal) => {
  const { host, port } = owned(scope).cluster.spec.controlPlaneEndpoint ?? {};
  const settings = await settingsOf(scope, signal);
  workerPlan(settings, '');
  const token = await joinToken(scope, `https://${urlHost(host ?? '')}:${port ?? 6443}`, signal);
  if (typeof token !== 'string') return token;
  return toBootstrapData(scope, workerPlan(settings, token), signal);
};
