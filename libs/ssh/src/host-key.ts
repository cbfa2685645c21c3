import { createHash } from 'node:crypto';

/** The fingerprint of a host key as `ssh-keygen -lf` prints it: `SHA256:` and base64 without padding. */
export const fingerprintOf = (hostKey: Buffer): string =>
  `SHA256:${createHash('sha256').update(hostKey).digest('base64').replace(/=+$/, '')}`;

/** Brings a pin that a person wrote into the form of {@link fingerprintOf}. */
export const normalPin = (pin: string): string =>
  `SHA256:${pin
    .trim()
    .replace(/^SHA256:/i, '')
    .replace(/=+$/, '')}`;

/**
 * Host key algorithms by family, newest first. SHA-1 (`ssh-rsa`), which ssh2 1.17 still offers by default, is left out.
 * A pin may be of any key of the host, so after a mismatch the other families are asked for too.
 */
export const hostKeyFamilies = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
] as const;
