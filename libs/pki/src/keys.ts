import { createPrivateKey, generateKeyPair, webcrypto, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { inTurn } from './in-turn.ts';

const newKeyPair = promisify(generateKeyPair);

/** The process has four threads for this and for reading files; a lease is renewed with credentials from a file. */
const twoAtOnce = inTurn(2);

/** Signs with a key of either family; the digest follows common practice for that key. */
export type SigningAlgorithm =
  | { readonly name: 'RSASSA-PKCS1-v1_5'; readonly hash: 'SHA-256' }
  | { readonly name: 'ECDSA'; readonly namedCurve: string; readonly hash: string };

const curves: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
};

/** A new RSA key of 2048 bits, the size that Cluster API and k0s make themselves. Slow work: off the main thread, two at once. */
export const newRsaKey = (): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> =>
  twoAtOnce(() => newKeyPair('rsa', { modulusLength: 2048 }));

/** A new key on P-256, for what lives a year at most: as strong as RSA of 3072 bits, and made in a thousandth of the time. */
export const newEcKey = (): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> =>
  newKeyPair('ec', { namedCurve: 'P-256' });

/** PKCS#1 ("RSA PRIVATE KEY"), the form in Cluster API's own secrets and on k0s hosts, or SEC 1 ("EC PRIVATE KEY"). */
export const privatePem = (key: KeyObject): string =>
  key.export({ type: key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs1', format: 'pem' }).toString();

/** SubjectPublicKeyInfo ("PUBLIC KEY"), the form of service account public keys. */
export const publicPem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

/** Reads a private key in PKCS#1, PKCS#8 or SEC 1 form. @throws Error that never quotes the key. */
export function readPrivateKey(keyPem: string): KeyObject {
  try {
    return createPrivateKey(keyPem);
  } catch {
    // The cause is left out on purpose: OpenSSL's messages may quote input.
    throw new Error('the private key is not readable PEM (RSA or EC, without a passphrase)');
  }
}

/** How a certificate is signed with this key. @throws Error for key types other than RSA and the NIST curves. */
export function signingAlgorithm(key: KeyObject): SigningAlgorithm {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  const found = key.asymmetricKeyType === 'ec' ? curves[curve] : undefined;
  if (!found)
    throw new Error(`keys of type ${key.asymmetricKeyType} ${curve} cannot sign certificates: use RSA or P-256`);
  return found;
}

/** The same private key for WebCrypto. */
export const toSigningKey = (key: KeyObject, algorithm: SigningAlgorithm): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign']);

/** A public key for WebCrypto; it only travels into the certificate, so it can do nothing. */
export const toVerifyingKey = (key: KeyObject, algorithm: SigningAlgorithm): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('spki', key.export({ type: 'spki', format: 'der' }), algorithm, true, ['verify']);
