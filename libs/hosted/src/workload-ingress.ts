import { firstAddress } from './first-address.ts';
import { objectAt, type JsonObject } from './json.ts';
import type { HostedPlane, IngressCertificate } from './plane.ts';

/** Where the proxy on a worker listens. */
export const haproxyPort = 7443;
/** The Service `kubernetes` finds pods of its own namespace only, so the proxy lives there. */
export const haproxyNamespace = 'default';
/** Name of the Secret with the proxy's certificate, in the workload cluster. */
export const haproxySecretName = 'k0smotron-haproxy-certificate';

const defaultServiceCidr = '10.96.0.0/12';

/** Address of the Service `kubernetes` in the workload cluster, by which pods call the API. */
export function kubernetesServiceAddress({ spec }: HostedPlane): string {
  const { serviceCIDR } = objectAt(objectAt(spec.k0sConfig ?? {}, 'spec'), 'network');
  return firstAddress(typeof serviceCIDR === 'string' && serviceCIDR !== '' ? serviceCIDR : defaultServiceCidr);
}

/** By which names and addresses pods call the API, and so the proxy in its place. */
export const haproxyNames = (
  plane: HostedPlane,
): { readonly dnsNames: readonly string[]; readonly ips: readonly string[] } => {
  const { clusterDomain } = objectAt(objectAt(plane.spec.k0sConfig ?? {}, 'spec'), 'network');
  const domain = typeof clusterDomain === 'string' && clusterDomain !== '' ? clusterDomain : 'cluster.local';
  const short = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  return {
    dnsNames: ['localhost', ...short, `kubernetes.default.svc.${domain}`],
    ips: ['127.0.0.1', kubernetesServiceAddress(plane)],
  };
};

/** True for k0s from 1.35.1 on, whose agents of konnectivity call `spec.konnectivity.externalAddress`; older ones ignore it. */
export function agentFollowsIngress({ spec }: HostedPlane): boolean {
  const [, minor = '0', patch = '0'] = /^v?1\.(\d+)\.(\d+)/.exec(spec.version ?? '') ?? [];
  return Number(minor) > 35 || (Number(minor) === 35 && Number(patch) >= 1);
}

/**
 * The certificate with which the proxy answers in place of the API. It is a Secret of the workload cluster, not a file on each
 * host as in the original: workers need nothing beforehand, and a renewed one reaches them.
 */
export const haproxySecret = ({ certPem, keyPem, caPem }: IngressCertificate): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: haproxySecretName, namespace: haproxyNamespace },
  type: 'Opaque',
  stringData: { 'server.pem': `${certPem.trimEnd()}\n${keyPem.trimEnd()}\n`, 'ca.crt': caPem },
});
