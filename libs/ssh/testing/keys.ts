import ssh2 from 'ssh2';
import { fingerprintOf } from '../src/host-key.ts';

/** A key pair in OpenSSH form. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
  /** `SHA256:…`, as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
}

/** Makes a key pair; Ed25519 unless told. */
export function newKeyPair(type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519'): KeyPair {
  for (;;) {
    const pair = generate(type);
    // ssh2 1.17 sometimes makes a key that nobody, itself included, can read.
    if (ssh2.utils.parseKey(pair.private) instanceof Error) continue;
    const blob = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
    return { privateKey: pair.private, publicKey: pair.public, fingerprint: fingerprintOf(blob) };
  }
}

function generate(type: 'ed25519' | 'ecdsa' | 'rsa'): { public: string; private: string } {
  if (type === 'ed25519') return ssh2.utils.generateKeyPairSync('ed25519');
  return type === 'ecdsa'
    ? ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
    : ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
}
