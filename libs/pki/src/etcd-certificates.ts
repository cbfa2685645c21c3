import { issue, type CertificatePair } from './certificates.ts';

/** Certificates of the etcd of a hosted plane, and the part after `<cluster>-` in the names of their Secrets (behaviour §9.6). */
export type EtcdCertificatePurpose = 'apiserver-etcd-client' | 'etcd-peer' | 'etcd-server';

/** All of them; each is signed by the authority `<cluster>-etcd`. */
export const etcdCertificatePurposes: readonly EtcdCertificatePurpose[] = [
  'apiserver-etcd-client',
  'etcd-peer',
  'etcd-server',
];

/** By which names the members are reached. */
export interface EtcdCertificateOptions {
  /** The headless Service of the members. */
  readonly serviceName: string;
  readonly namespace: string;
  readonly now?: Date;
}

const days = 365;

/** Peers prove themselves in both directions, so their certificate is good for both. */
const usages = {
  'apiserver-etcd-client': ['client'],
  'etcd-peer': ['server', 'client'],
  'etcd-server': ['server', 'client'],
} as const;

/**
 * A certificate of one year, signed by etcd's authority. Servers and peers are certified for the Service, for every pod
 * behind it and for every Service of a member, so that members may come and go without a new certificate. Members call each
 * other by names up to `.svc`; the usual domain is there for etcd's reverse look-up of a peer. Nobody but the plane's own API
 * servers and members trusts this authority, so the names of other Services of the namespace are worth nothing to a thief.
 *
 * @throws Error when the authority's key cannot be read or is not its own.
 */
export function issueForEtcd(
  authority: CertificatePair,
  purpose: EtcdCertificatePurpose,
  { serviceName, namespace, now }: EtcdCertificateOptions,
): Promise<CertificatePair> {
  const inNamespace = `${serviceName}.${namespace}`;
  const names = [serviceName, inNamespace, `${inNamespace}.svc`, `${inNamespace}.svc.cluster.local`];
  const services = `*.${namespace}.svc`;
  const listens = purpose !== 'apiserver-etcd-client';
  return issue(authority, {
    commonName: purpose,
    usages: usages[purpose],
    days,
    ...(now && { now }),
    ...(listens && {
      dnsNames: ['localhost', ...names, ...names.map((name) => `*.${name}`), services],
      ips: ['127.0.0.1', '::1'],
    }),
  });
}
