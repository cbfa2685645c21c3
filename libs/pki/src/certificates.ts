// @peculiar/x509 2.x throws on import unless the reflection shim is there first.
import 'reflect-metadata';

import { createPublicKey, randomBytes, webcrypto, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import {
  newEcKey,
  newRsaKey,
  privatePem,
  readPrivateKey,
  signingAlgorithm,
  toSigningKey,
  toVerifyingKey,
  type SigningAlgorithm,
} from './keys.ts';

/** A certificate and its private key, both PEM. The key is a secret: never log it. */
export interface CertificatePair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What a leaf certificate may be used for (extended key usage). */
export type CertificateUsage = 'client' | 'server';

/** What a new certificate authority is called and how long it lives. */
export interface CaRequest {
  readonly commonName: string;
  /** Life in years of 365 days; Cluster API's default is 10. */
  readonly years: number;
  /** Moment of issue; the machine's clock unless told. */
  readonly now?: Date;
}

/** What a leaf certificate says. */
export interface CertificateRequest {
  readonly commonName: string;
  /** Becomes the user's groups when Kubernetes authenticates by it. */
  readonly organization?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ips?: readonly string[];
  readonly usages: readonly CertificateUsage[];
  /** Life in days. */
  readonly days: number;
  readonly now?: Date;
}

const dayMs = 86_400_000;
/** Clocks of hosts run apart: a certificate is valid a little before it was made. */
const clockSkewMs = 5 * 60_000;

/** Makes a self-signed certificate authority (RSA 2048) that may sign leaves, not further authorities. */
export async function createCa({ commonName, years, now = new Date() }: CaRequest): Promise<CertificatePair> {
  const { publicKey, privateKey } = await newRsaKey();
  const algorithm = signingAlgorithm(privateKey);
  const verifyingKey = await toVerifyingKey(publicKey, algorithm);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerial(),
      name: subject(commonName, []),
      ...validity(now, years * 365),
      signingAlgorithm: algorithm,
      keys: { publicKey: verifyingKey, privateKey: await toSigningKey(privateKey, algorithm) },
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(verifyingKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certPem: pemOf(certificate), keyPem: privatePem(privateKey) };
}

/**
 * Signs a leaf certificate with a new key on P-256. The authority may be RSA or EC, so that user-supplied ones work.
 *
 * @throws Error when the authority's key cannot be read or does not belong to its certificate.
 */
export async function issue(ca: CertificatePair, request: CertificateRequest): Promise<CertificatePair> {
  const authority = new x509.X509Certificate(ca.certPem);
  const caKey = readPrivateKey(ca.keyPem);
  assertSameKey(authority, caKey);
  const { publicKey, privateKey } = await newEcKey();
  const algorithm = signingAlgorithm(caKey);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject: subject(request.commonName, request.organization ?? []),
      issuer: authority.subjectName,
      ...validity(request.now ?? new Date(), request.days),
      signingAlgorithm: algorithm,
      publicKey: await toVerifyingKey(publicKey, signingAlgorithm(privateKey)),
      signingKey: await toSigningKey(caKey, algorithm),
      extensions: await leafExtensions(authority, caKey, algorithm, request),
    },
    webcrypto,
  );
  return { certPem: pemOf(certificate), keyPem: privatePem(privateKey) };
}

async function leafExtensions(
  authority: x509.X509Certificate,
  caKey: KeyObject,
  algorithm: SigningAlgorithm,
  { usages, dnsNames = [], ips = [] }: CertificateRequest,
): Promise<x509.Extension[]> {
  const oids = { client: x509.ExtendedKeyUsage.clientAuth, server: x509.ExtendedKeyUsage.serverAuth };
  const names: x509.JsonGeneralName[] = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ips.map((value) => ({ type: 'ip' as const, value: checkedIp(value) })),
  ];
  const issuerKey = await toVerifyingKey(createPublicKey(caKey), algorithm);
  // A user's authority may carry its own kind of key identifier: repeat that one, never recompute it.
  const keyId = authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true), // a key on a curve enciphers nothing
    new x509.ExtendedKeyUsageExtension(usages.map((usage) => oids[usage])),
    keyId
      ? new x509.AuthorityKeyIdentifierExtension(keyId)
      : await x509.AuthorityKeyIdentifierExtension.create(issuerKey, false, webcrypto),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ];
}

function assertSameKey(authority: x509.X509Certificate, caKey: KeyObject): void {
  const ofKey = createPublicKey(caKey).export({ type: 'spki', format: 'der' });
  if (!ofKey.equals(Buffer.from(authority.publicKey.rawData))) {
    throw new Error(`the private key does not belong to the certificate of ${authority.subject}`);
  }
}

function checkedIp(address: string): string {
  if (isIP(address) === 0) throw new Error(`${JSON.stringify(address)} is not an IP address: put names into dnsNames`);
  return address;
}

/** Names as JSON, so that no character of a name can start another attribute. */
const subject = (commonName: string, organization: readonly string[]): x509.Name =>
  new x509.Name([...organization.map((name) => ({ O: [name] })), { CN: [commonName] }]);

const validity = (now: Date, days: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(now.getTime() - clockSkewMs),
  notAfter: new Date(now.getTime() + days * dayMs),
});

/** 127 random bits, positive and without a leading zero byte. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

const pemOf = (certificate: x509.X509Certificate): string => `${certificate.toString('pem').trim()}\n`;
