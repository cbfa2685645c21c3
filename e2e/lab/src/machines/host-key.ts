import { createHash } from 'node:crypto';

const key = '/etc/ssh/ssh_host_ed25519_key';

/** Path of a machine's only public host key, on the machine. */
export const hostKeyPath = `${key}.pub`;

/** Shell command that gives a machine another host key; the image's unit makes one where there is none. */
export const renewHostKeyCommand = `rm -f ${key} ${key}.pub && systemctl restart lab-ssh-host-key.service ssh.service`;

/** `SHA256:…` of a line of a public key file, spelled as ssh-keygen does. */
export function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
