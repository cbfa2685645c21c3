import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from '../command.ts';
import { withLock } from '../lock.ts';
import { cacheDir } from '../paths.ts';
import { progress } from '../progress.ts';
import { removeTree } from '../undo.ts';

const suite = 'bookworm';
const inputs = fileURLToPath(new URL('../../image', import.meta.url));

/**
 * Folder with the Debian root that all machines share as their lowest layer. It comes from the cache, or is built
 * with mmdebstrap in about a minute (ER-11); its name is the hash of all that it is made from.
 */
export function machineImage(): Promise<string> {
  const folder = join(cacheDir(), 'machine-image');
  const image = join(folder, hashOf(inputs));
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

async function build(target: string, scratch: string): Promise<void> {
  const packages = readFileSync(join(inputs, 'packages.txt'), 'utf8').split('\n').filter(Boolean).join(',');
  // It dies with us, and in namespaces of its own: a killed build then leaves no process and no mount.
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const isolated = ['--pdeathsig', 'KILL', 'unshare', ...namespaces];
  const args = [
    '--quiet',
    '--mode=root',
    '--variant=minbase',
    `--include=${packages}`,
    '--customize-hook=sh "$LAB_IMAGE/customize.sh" "$1"',
    suite,
    target,
  ];
  await run('setpriv', [...isolated, 'mmdebstrap', ...args], { env: { LAB_IMAGE: inputs, TMPDIR: scratch } });
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
