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
  await withLock('host-tools', () => installPackages(missingPackages()));
  if (!(await hasOverlay())) throw new LabError('machines need overlayfs, which this kernel does not have');
}

/** Packages that are missing, by what can be found; sorted. */
export function missingPackages(find: (file: string) => string | undefined = findProgram): string[] {
  const programs = Object.keys(packages).filter((program) => !find(program));
  const wanted = new Set(programs.map((program) => packages[program] ?? program));
  if (!existsSync(debianKeys)) wanted.add('debian-archive-keyring');
  return [...wanted].sort();
}

/**
 * Installs packages with apt-get.
 * @throws LabError with one line that names them, where there is no apt-get or it cannot bring them.
 */
export async function installPackages(list: readonly string[], aptGet = findProgram('apt-get')): Promise<void> {
  if (list.length === 0) return;
  if (!aptGet) throw new LabError(`machines need ${list.join(', ')}: install them, there is no apt-get here`);
  progress(`installing ${list.join(', ')} with apt-get`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run(aptGet, ['update'], { env });
    await run(aptGet, ['install', '--yes', '--no-install-recommends', ...list], { env });
  } catch (cause) {
    const why = messageOf(cause).split('\n').at(-1);
    throw new LabError(`machines need ${list.join(', ')}, and apt-get could not bring them: ${why}`, { cause });
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
