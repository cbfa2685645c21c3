import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from '../command.ts';
import { withLock } from '../lock.ts';
import { cacheDir } from '../paths.ts';
import { progress } from '../progress.ts';
import { removeTree } from '../undo.ts';
import { ensureTools } from './host-tools.ts';

/** Debian's name for the release that machines and images of its packages are made of. */
export const suite = 'bookworm';
const inputs = fileURLToPath(new URL('../../image', import.meta.url));

/**
 * Folder with the Debian root that all machines share as their lowest layer. It comes from the cache, or is built
 * with mmdebstrap in about a minute (ER-11); its name is the hash of all that it is made from.
 */
export function machineImage(): Promise<string> {
  const folder = join(cacheDir(), 'machine-image');
  const image = join(folder, machineImageHash());
  return withLock(image, async () => {
    if (existsSync(image)) return image;
    const draft = `${image}.draft`;
    const scratch = `${image}.tmp`;
    for (const rest of [draft, scratch]) await removeTree(rest); // of a build that was killed
    mkdirSync(scratch, { recursive: true });
    const began = Date.now();
    progress(`building the machine image (Debian ${suite})`);
    await build(draft, scratch);
    await removeTree(scratch);
    renameSync(draft, image);
    progress(`machine image built in ${Math.round((Date.now() - began) / 1000)} s`);
    return image;
  });
}

/** Hash of all that the machines' root is made from. */
export const machineImageHash = (): string => hashOf(inputs);

/** Writes the machines' root as a tar: the folder of the cache for root, one made in a user namespace for others. */
export async function writeMachineImage(file: string): Promise<void> {
  if (process.getuid?.() === 0) {
    await ensureTools({ mmdebstrap: 'mmdebstrap', setpriv: 'util-linux', unshare: 'util-linux' });
    await run('tar', ['--create', '--file', file, '--directory', await machineImage(), '.']);
    return;
  }
  await ensureTools({ mmdebstrap: 'mmdebstrap', newuidmap: 'uidmap' });
  // Its root may not read our folders, but mmdebstrap itself is us.
  const copy = '"$1/tmp/image"';
  const customize = `LAB_IMAGE=${copy} sh ${copy}/customize.sh "$1" && rm -r ${copy}`;
  const hooks = [`--customize-hook=copy-in '${inputs}' /tmp`, `--customize-hook=${customize}`];
  progress(`building the machine image (Debian ${suite})`);
  await run('mmdebstrap', ['--mode=unshare', ...common(), ...hooks, suite, file]);
}

const build = (target: string, scratch: string): Promise<void> =>
  debianRoot(target, scratch, [...common(), '--customize-hook=sh "$LAB_IMAGE/customize.sh" "$1"'], {
    LAB_IMAGE: inputs,
  });

/**
 * Makes a folder that holds a Debian root, as mmdebstrap is told. Needs root.
 * @throws LabError with mmdebstrap's last lines.
 */
export async function debianRoot(
  target: string,
  scratch: string,
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  // It dies with us, and in namespaces of its own: a killed build then leaves no process and no mount.
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const isolated = ['--pdeathsig', 'KILL', 'unshare', ...namespaces];
  const args = ['--mode=root', ...options, suite, target];
  await run('setpriv', [...isolated, 'mmdebstrap', ...args], { env: { ...env, TMPDIR: scratch } });
}

function common(): string[] {
  const packages = readFileSync(join(inputs, 'packages.txt'), 'utf8').split('\n').filter(Boolean).join(',');
  return ['--quiet', '--variant=minbase', `--include=${packages}`];
}

function hashOf(folder: string): string {
  const hash = createHash('sha256').update(`${suite} ${process.arch}\0`);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'README.md')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    hash.update(`${relative(folder, file)}\0`);
    hash.update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
