import { isIP } from 'node:net';
import type { HostedClusterSpec } from '@k0smotron/api';
import type { Finding } from '@k0smotron/core';

/** Addresses go into certificates, kubeconfigs, tokens and manifests as they are. */
export const addressFindings = ({ externalAddress, ingress, service }: HostedClusterSpec, at: string): Finding[] => [
  ...hostFindings(externalAddress, `${at}.externalAddress`),
  ...hostFindings(ingress?.apiHost, `${at}.ingress.apiHost`),
  ...hostFindings(ingress?.konnectivityHost, `${at}.ingress.konnectivityHost`),
  ...(service.apiPort === service.konnectivityPort
    ? [{ field: `${at}.service.konnectivityPort`, message: `is ${service.apiPort}, as apiPort is: write another port` }]
    : []),
];

function hostFindings(host: string | undefined, field: string): Finding[] {
  if (!host || isIP(host) !== 0 || isDnsName(host)) return [];
  return [{ field, message: `${JSON.stringify(host)} is no address and no DNS name: write only that, without port` }];
}

/** RFC 1123; upper case is let through, as DNS does. */
const isDnsName = (host: string): boolean =>
  host.length <= 253 && host.split('.').every((label) => /^[a-z\d]([-a-z\d]{0,61}[a-z\d])?$/i.test(label));
