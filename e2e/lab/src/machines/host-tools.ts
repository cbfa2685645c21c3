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
  const missing = await missingForNspawn();
  if (missing !== undefined) throw new LabError(missing);
  await withLock('host-tools', () => installPackages(missingPackages()));
}

/** What this host lacks for machines by systemd-nspawn and cannot be installed, in one sentence. */
export async function missingForNspawn(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'machines need Linux';
  if (process.getuid?.() !== 0) return 'machines need root: run this as root, or with sudo';
  return (await hasOverlay()) ? undefined : 'machines need overlayfs, which this kernel does not have';
}

/**
 * Sees to it that some programs, with Debian's package for each, are here; root gets them with apt-get.
 * @throws LabError with one line that names the packages.
 */
export async function ensureTools(wanted: Readonly<Record<string, string>>): Promise<void> {
  const missing = missingPackages(findProgram, wanted);
  if (missing.length > 0 && process.getuid?.() !== 0)
    throw new LabError(`machines need ${missing.join(', ')}: install them`);
  await withLock('host-tools', () => installPackages(missing));
}

/** Packages that are missing, by what can be found; sorted. */
export function missingPackages(
  find: (file: string) => string | undefined = findProgram,
  wanted: Readonly<Record<string, string>> = packages,
): string[] {
  const missing = new Set(Object.keys(wanted).flatMap((program) => (find(program) ? [] : (wanted[program] ?? []))));
  if ('mmdebstrap' in wanted && !existsSync(debianKeys)) missing.add('debian-archive-keyring');
  return [...missing].sort();
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
