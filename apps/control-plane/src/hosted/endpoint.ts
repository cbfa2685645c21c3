import type { K0smotronCluster } from '@k0smotron/api';
import { isIP } from 'node:net';

/** On a hosted Cluster: the address of its API, once chosen, so that it never moves to another node or load balancer (SR-1). */
export const endpointAnnotation = 'k0smotron.io/endpoint-host';

/** Where the API of a hosted plane is reached. */
export interface HostedEndpoint {
  readonly host: string;
  readonly port: number;
}

/** The endpoint as the Cluster says it: an ingress, the user's address or the one that was chosen; undefined before that. */
export function endpointOf({ metadata, spec }: K0smotronCluster): HostedEndpoint | undefined {
  if (spec.ingress) return { host: spec.ingress.apiHost, port: spec.ingress.port };
  const host = spec.externalAddress ?? metadata.annotations?.[endpointAnnotation];
  return host ? { host, port: spec.service.apiPort } : undefined;
}

/** Where agents on workers reach konnectivity: beside the API, or by the name that the ingress tells apart. */
export const konnectivityOf = ({ spec }: K0smotronCluster, { host }: HostedEndpoint): HostedEndpoint =>
  spec.ingress
    ? { host: spec.ingress.konnectivityHost, port: spec.ingress.port }
    : { host, port: spec.service.konnectivityPort };

/** `https://host:port`, also for IPv6. */
export const serverOf = ({ host, port }: HostedEndpoint): string =>
  `https://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
