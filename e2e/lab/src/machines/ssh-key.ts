import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import ssh2 from 'ssh2';

import type { Lab } from '../lab.ts';
import { withLock } from '../lock.ts';
import { machinesDir } from './machines-dir.ts';

/** A key pair in OpenSSH's own formats. */
export interface SshKeyPair {
  readonly private: string;
  /** One line for authorized_keys. */
  readonly public: string;
}

/** A new Ed25519 key pair; also what a test gives to a user as the wrong key. */
export function newSshKey(comment = ''): SshKeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    // ssh2 1.17 makes a key now and then that nobody, itself included, can read.
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return { private: pair.private, public: pair.public };
  }
}

/** The lab's one key, which its machines accept; made at the first call, readable by root alone. */
export function labSshKey(lab: Lab): Promise<SshKeyPair> {
  const file = join(machinesDir(lab), 'ssh-key.json');
  return withLock(file, () => {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as SshKeyPair;
    const pair = newSshKey(`k0smotron-lab ${lab.name}`);
    writeFileSync(`${file}.new`, JSON.stringify(pair), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return pair;
  });
}
