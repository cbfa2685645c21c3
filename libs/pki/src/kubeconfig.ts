import { issue, type CertificatePair } from './certificates.ts';

/** What a kubeconfig with a client certificate says. */
export interface KubeconfigContent {
  readonly clusterName: string;
  /** `https://host:port`. */
  readonly server: string;
  readonly caPem: string;
  /** Name of the user entry. */
  readonly user: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** Set when the API server is only reached through a proxy. */
  readonly proxyUrl?: string;
}

/**
 * A kubeconfig with one cluster named like the Cluster and one context `<user>@<cluster>`, the shape that Cluster API's
 * helpers look up (CP-13). It holds a private key: treat the text as a secret.
 */
export function toKubeconfig(content: KubeconfigContent): string {
  const { clusterName, server, caPem, user, certPem, keyPem, proxyUrl } = content;
  const context = `${user}@${clusterName}`;
  return [
    'apiVersion: v1',
    'kind: Config',
    'preferences: {}',
    `current-context: ${text(context)}`,
    'clusters:',
    `- name: ${text(clusterName)}`,
    '  cluster:',
    `    server: ${text(server)}`,
    ...(proxyUrl ? [`    proxy-url: ${text(proxyUrl)}`] : []),
    `    certificate-authority-data: ${base64(caPem)}`,
    'contexts:',
    `- name: ${text(context)}`,
    '  context:',
    `    cluster: ${text(clusterName)}`,
    `    user: ${text(user)}`,
    'users:',
    `- name: ${text(user)}`,
    '  user:',
    `    client-certificate-data: ${base64(certPem)}`,
    `    client-key-data: ${base64(keyPem)}`,
    '',
  ].join('\n');
}

/** Where an administrator's kubeconfig leads. */
export interface AdminKubeconfigOptions {
  readonly clusterName: string;
  readonly server: string;
  readonly now?: Date;
}

/**
 * The administrator's kubeconfig of a cluster: user `<cluster>-admin`, a certificate of one year for
 * `kubernetes-admin` in `system:masters` (CP-13).
 */
export async function adminKubeconfig(ca: CertificatePair, options: AdminKubeconfigOptions): Promise<string> {
  const { clusterName, server, now } = options;
  const { certPem, keyPem } = await issue(ca, {
    commonName: 'kubernetes-admin',
    organization: ['system:masters'],
    usages: ['client'],
    days: 365,
    now,
  });
  return toKubeconfig({ clusterName, server, caPem: ca.certPem, user: `${clusterName}-admin`, certPem, keyPem });
}

/** JSON's strings are YAML's double-quoted ones, so no name can break out. */
const text = (value: string): string => JSON.stringify(value);
const base64 = (value: string): string => Buffer.from(value, 'utf8').toString('base64');
