import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { run } from '../command.ts';
import { LabError, messageOf } from '../lab-error.ts';
import { withLock } from '../lock.ts';
import { progress } from '../progress.ts';

/** Debian's package for each program that machines need on the host. */
const packages: Readonly<Record<string, string>> = {
  find: 'findutils',
  ip: 'iproute2',
  iptables: 'iptables',
  mmdebstrap: 'mmdebstrap',
  mount: 'mount',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  setsid: 'util-linux',
  'systemd-nspawn': 'systemd-container',
  unshare: 'util-linux',
  xz: 'xz-utils',
};

const debianKeys = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Sees to it that this host can have machines; missing programs are installed with apt-get where that exists.
 * @throws LabError with one line that says what is missing.
 */
export async function ensureHostTools(): Promise<void> {
  if (process.platform !== 'linux') throw new LabError('machines need Linux');
  if (process.getuid?.() !== 0) throw new LabError('machines need root: run this as root, or with sudo');
  await withLock('host-tools', installMissing);
  if (!(await hasOverlay())) throw new LabError('machines need overlayfs, which this kernel does not have');
}

async function installMissing(): Promise<void> {
  const programs = Object.keys(packages).filter((program) => !findProgram(program));
  const wanted = new Set(programs.map((program) => packages[program] ?? program));
  if (!existsSync(debianKeys)) wanted.add('debian-archive-keyring');
  if (wanted.size === 0) return;
  const list = [...wanted].sort();
  if (!findProgram('apt-get'))
    throw new LabError(`machines need ${list.join(', ')}: install them, there is no apt-get here`);
  progress(`installing ${list.join(', ')} with apt-get`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['update'], { env });
    await run('apt-get', ['install', '--yes', '--no-install-recommends', ...list], { env });
  } catch (cause) {
    throw new LabError(`machines need ${list.join(', ')}, and apt-get could not bring them: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Full path of a program on PATH or in the folders of the system's programs. */
function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

async function hasOverlay(): Promise<boolean> {
  const known = (): boolean => /\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'));
  if (!known()) await run('modprobe', ['overlay']).catch(() => undefined);
  return known();
}
