import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';

/** What a certificate says about itself. */
export interface CertificateFacts {
  readonly commonName: string | undefined;
  readonly organizations: readonly string[];
  readonly isCa: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Reads the first certificate of a PEM text. @throws Error when there is none. */
export function inspectCertificate(certPem: string): CertificateFacts {
  const certificate = read(certPem);
  const subject = certificate.subject?.split('\n') ?? [];
  const values = (key: string): string[] =>
    subject
      .filter((line) => line.startsWith(`${key}=`))
      // Node escapes special characters as in RFC 2253.
      .map((line) => line.slice(key.length + 1).replace(/\\(.)/g, '$1'));
  return {
    commonName: values('CN')[0],
    organizations: values('O'),
    isCa: certificate.ca,
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

/** True once less than half of the certificate's life is left (CP-13: a year's kubeconfig is renewed at six months). */
export function renewalDue(certPem: string, now: Date): boolean {
  const { notBefore, notAfter } = inspectCertificate(certPem);
  return notAfter.getTime() - now.getTime() < (notAfter.getTime() - notBefore.getTime()) / 2;
}

/** True when `certPem` was signed by the key of `caPem`: a kubeconfig of an earlier authority is no use. */
export function issuedBy(certPem: string, caPem: string): boolean {
  const authority = read(caPem);
  const certificate = read(certPem);
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** True when a server with this certificate may call itself so. */
export const certifiesHost = (certPem: string, host: string): boolean => read(certPem).checkHost(host) !== undefined;

/** True when the private key belongs to the certificate; false also when either cannot be read. */
export function keyMatches(certPem: string, keyPem: string): boolean {
  try {
    return read(certPem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

/** SHA-256 over the DER form of the first block of a PEM text (certificate or public key), in hexadecimal. */
export function fingerprint(pem: string): string {
  const [, base64 = ''] = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem) ?? [];
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
}

/** `sha256:<hex>` of the authority's public key, the form that kubeadm's discovery also uses. */
export function caHash(caPem: string): string {
  const spki = read(caPem).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(spki).digest('hex')}`;
}

function read(certPem: string): X509Certificate {
  try {
    return new X509Certificate(certPem);
  } catch (cause) {
    throw new Error('the certificate is not readable PEM', { cause });
  }
}
