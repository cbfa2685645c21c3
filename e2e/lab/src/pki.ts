import 'reflect-metadata';

import { generateKeyPairSync, webcrypto } from 'node:crypto';
import type { webcrypto as crypto } from 'node:crypto';

import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 60 * 60 * 1000;

x509.cryptoProvider.set(webcrypto);

/** A certificate with its private key, both PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Issues certificates of one throw-away authority. */
export interface Authority {
  readonly certPem: string;
  /** A server certificate for these names and addresses. */
  server(names: readonly string[]): Promise<KeyPair>;
  /** A client certificate; Kubernetes reads the common name as user, organisations as groups. */
  client(commonName: string, organisations?: readonly string[]): Promise<KeyPair>;
}

/** Makes a certificate authority that lives as long as a lab: valid for a year, key in memory only. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: algorithm,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  const issue = async (
    subject: x509.JsonName,
    usage: x509.ExtendedKeyUsage,
    names: readonly string[],
  ): Promise<KeyPair> => {
    const leaf = await generateKeys();
    const extensions: x509.Extension[] = [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ];
    if (names.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(names.map(toAltName)));
    const issued = await x509.X509CertificateGenerator.create({
      subject,
      issuer: certificate.subject,
      publicKey: leaf.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      ...validity(),
      extensions,
    });
    return { certPem: issued.toString('pem'), keyPem: await privateKeyPem(leaf.privateKey) };
  };

  return {
    certPem: certificate.toString('pem'),
    server: (names) => issue([{ CN: [names[0] ?? 'server'] }], x509.ExtendedKeyUsage.serverAuth, names),
    client: (name, organisations = []) =>
      issue([...organisations.map((o) => ({ O: [o] })), { CN: [name] }], x509.ExtendedKeyUsage.clientAuth, []),
  };
}

/** The key that signs service account tokens, with its public half. */
export function createServiceAccountKeys(): { readonly privatePem: string; readonly publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    privatePem: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const generateKeys = (): Promise<crypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** Starts an hour ago: machines may have clocks that lag behind. */
function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - dayMs / 24), notAfter: new Date(Date.now() + 365 * dayMs) };
}

const toAltName = (name: string): x509.JsonGeneralName => ({
  type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns',
  value: name,
});

async function privateKeyPem(key: crypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}
