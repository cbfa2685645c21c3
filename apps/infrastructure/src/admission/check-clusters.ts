import type { RemoteCluster, RemoteClusterTemplate } from '@k0smotron/api';
import { asWarnings, type Finding } from '@k0smotron/core';
import type { Check } from '@k0smotron/runtime';
import { addressFindings } from './check-host.ts';

/** The endpoint goes into certificates and kubeconfigs as it is. */
export const checkRemoteCluster: Check<RemoteCluster> = ({ spec }) =>
  endpointFindings(spec?.controlPlaneEndpoint, 'spec.controlPlaneEndpoint');

/** The same in a template: told only, since patches of a topology may complete it. */
export const checkRemoteClusterTemplate: Check<RemoteClusterTemplate> = ({ spec }) =>
  asWarnings(endpointFindings(spec?.template?.spec?.controlPlaneEndpoint, 'spec.template.spec.controlPlaneEndpoint'));

/** Core takes host and port together: one alone counts as no endpoint. */
function endpointFindings(
  endpoint: { readonly host?: string; readonly port?: number } | undefined,
  field: string,
): Finding[] {
  const { host, port } = endpoint ?? {};
  const missing = host && !port ? 'port' : port && !host ? 'host' : undefined;
  return [
    ...addressFindings(host, `${field}.host`, 'the port into port'),
    ...(missing ? [{ field: `${field}.${missing}`, message: 'is missing: core waits for both', warning: true }] : []),
  ];
}
