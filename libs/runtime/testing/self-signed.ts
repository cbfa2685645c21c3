import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** One DER element. */
const der = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);
const oid = (...bytes: readonly number[]): Uint8Array => der(0x06, Uint8Array.from(bytes));
const utcTime = (at: Date): Uint8Array =>
  der(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

const ecdsaSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const dayMs = 86_400_000;

/**
 * A self-signed certificate for tests of TLS listeners, valid from yesterday to tomorrow unless told. By hand, since certificates are the
 * work of a room that this one may not import.
 */
export function selfSigned(
  commonName = 'localhost',
  dnsNames: readonly string[] = ['localhost'],
  [from, to]: readonly [Date, Date] = [new Date(Date.now() - dayMs), new Date(Date.now() + dayMs)],
): { certPem: string; keyPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))));
  const altNames = sequence(...dnsNames.map((dns) => der(0x82, Buffer.from(dns))));
  const extensions = der(0xa3, sequence(sequence(oid(0x55, 0x1d, 0x11), der(0x04, altNames))));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Uint8Array.from([2]))), // version 3
    der(0x02, Uint8Array.from([1]), randomBytes(8)),
    ecdsaSha256,
    name,
    sequence(utcTime(from), utcTime(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  );
  const signature = der(0x03, Uint8Array.from([0]), sign('sha256', toBeSigned, privateKey));
  const certificate = Buffer.from(sequence(toBeSigned, ecdsaSha256, signature)).toString('base64');
  const lines = certificate.match(/.{1,64}/g)?.join('\n') ?? '';
  return {
    certPem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
