import { spawnSync } from 'node:child_process';

import { describe, expect, it } from '@jest/globals';

import { ownFiles } from '../own-files.ts';
import { tarOf } from './tar.ts';

const tar = (mode: string, input: Buffer): string[] =>
  spawnSync('tar', [mode, '--verbose', '--numeric-owner', '--file', '-'], { input, encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/ +\d+ \d{4}-\d\d-\d\d \d\d:\d\d /, ' '));

describe('a tar of a machine’s own files', () => {
  it('is read by tar, with modes and owners, and leaves homes as they are', () => {
    expect(tar('--list', tarOf(ownFiles({ index: 4 }, 'ssh-ed25519 AAAA lab')))).toEqual([
      'drwx------ 0/0 root/.ssh/',
      '-rw------- 0/0 root/.ssh/authorized_keys',
      'drwx------ 1001/1001 home/remoteuser/.ssh/',
      '-rw------- 1001/1001 home/remoteuser/.ssh/authorized_keys',
      'drwx------ 1002/1002 home/nosudo/.ssh/',
      '-rw------- 1002/1002 home/nosudo/.ssh/authorized_keys',
      '-r--r--r-- 0/0 etc/machine-id',
      '-rw-r--r-- 0/0 etc/cni/net.d/10-lab.conflist',
    ]);
  });

  it('holds what the files hold', () => {
    const text = 'x'.repeat(1000);
    const input = tarOf([{ path: '/etc/one', text, mode: 0o644, owner: 0 }]);
    expect(spawnSync('tar', ['--extract', '--to-stdout', '--file', '-'], { input, encoding: 'utf8' }).stdout).toBe(
      text,
    );
  });
});
