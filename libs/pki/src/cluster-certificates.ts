import { createCa, type CertificatePair } from './certificates.ts';
import { newRsaKey, privatePem, publicPem } from './keys.ts';

/** The pair that signs and verifies service account tokens, both PEM. The private half is a secret. */
export interface ServiceAccountKey {
  readonly publicPem: string;
  readonly privatePem: string;
}

/** Everything that must be the same on all controllers of one cluster. */
export interface ClusterCertificates {
  readonly ca: CertificatePair;
  readonly etcd: CertificatePair;
  readonly proxy: CertificatePair;
  readonly sa: ServiceAccountKey;
}

/** The part after `<cluster>-` in the names of Cluster API's certificate Secrets (CP-15). */
export type CertificatePurpose = keyof ClusterCertificates;

/** Order in which the Secrets are looked up and made. */
export const certificatePurposes: readonly CertificatePurpose[] = ['ca', 'etcd', 'proxy', 'sa'];

/** `<cluster>-<purpose>` (CP-15). */
export const certificateSecretName = (clusterName: string, purpose: CertificatePurpose): string =>
  `${clusterName}-${purpose}`;

/** `<cluster>-kubeconfig` (CP-13); its key is `value`. */
export const kubeconfigSecretName = (clusterName: string): string => `${clusterName}-kubeconfig`;

const caYears = 10;
/** Different names, so that no tool confuses the three authorities by their subject. */
const caNames = { ca: 'kubernetes', etcd: 'etcd-ca', proxy: 'kubernetes-front-proxy-ca' } as const;

/** A new RSA pair for service account tokens. */
async function createServiceAccountKey(): Promise<ServiceAccountKey> {
  const { publicKey, privateKey } = await newRsaKey();
  return { publicPem: publicPem(publicKey), privatePem: privatePem(privateKey) };
}

/**
 * New certificates of a whole cluster: three authorities of ten years and the service account key. Call it before the
 * control plane is initialised only: a second set would cut off every member of a living cluster (CP-16).
 */
export async function clusterCertificates(now = new Date()): Promise<ClusterCertificates> {
  const [ca, etcd, proxy, sa] = await Promise.all([
    createCa({ commonName: caNames.ca, years: caYears, now }),
    createCa({ commonName: caNames.etcd, years: caYears, now }),
    createCa({ commonName: caNames.proxy, years: caYears, now }),
    createServiceAccountKey(),
  ]);
  return { ca, etcd, proxy, sa };
}

/** A new pair for one purpose alone, for a Secret that is missing while the others are user-supplied. */
export const createFor = async (purpose: CertificatePurpose, now = new Date()): Promise<CertificatePair> =>
  purpose === 'sa'
    ? saAsPair(await createServiceAccountKey())
    : createCa({ commonName: caNames[purpose], years: caYears, now });

/** The service account key in a Secret's shape: the public half where the certificate goes (CP-15). */
export const saAsPair = ({ publicPem: certPem, privatePem: keyPem }: ServiceAccountKey): CertificatePair => ({
  certPem,
  keyPem,
});

/** `data` of a certificate Secret: base64 under `tls.crt` and `tls.key`. */
export const toSecretData = ({
  certPem,
  keyPem,
}: CertificatePair): Readonly<Record<'tls.crt' | 'tls.key', string>> => ({
  'tls.crt': toBase64(certPem),
  'tls.key': toBase64(keyPem),
});

/**
 * Reads `data` of a certificate Secret; `undefined` when the certificate is missing. The key may be empty: a user who
 * brings an external etcd gives only the certificate (CP-17).
 */
export function fromSecretData(data: Readonly<Record<string, string>> | undefined): CertificatePair | undefined {
  const certificate = data?.['tls.crt'];
  if (!certificate) return undefined;
  return { certPem: fromBase64(certificate), keyPem: fromBase64(data['tls.key'] ?? '') };
}

const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
