import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../command.ts';
import { recordComponent } from '../components.ts';
import { LabError } from '../lab-error.ts';
import { withLock } from '../lock.ts';
import { cacheDir } from '../paths.ts';
import { ensureHostTools } from './host-tools.ts';

/** Taken when a test does not ask for another one. */
export const defaultK0sVersion = 'v1.34.4+k0s.0';

/** Where k0s comes from, for the first lines of reports. */
export interface K0sBinary {
  readonly version: string;
  /** Folder that holds it as `usr/local/bin/k0s`, so that it can lie over the image of machines. */
  readonly layer: string;
  readonly path: string;
  readonly source: 'K0S_DIR' | 'cache';
}

/**
 * A k0s binary: unpacked from the folder that `K0S_DIR` names (`k0s-<version>.xz`), else from the cache (ER-13).
 * There is no download of official releases: we have no sha256 of theirs that we could vouch for.
 * @throws LabError with one line when it is in neither place.
 */
export async function k0sBinary(version: string = defaultK0sVersion): Promise<K0sBinary> {
  const name = `k0s-${version}`;
  const archive = inK0sDir(`${name}.xz`);
  const path = await unpackedXz(name, 'usr/local/bin/k0s');
  if (!path) {
    throw new LabError(`k0s ${version}: set K0S_DIR to a folder that holds ${name}.xz; it is not in the cache either`);
  }
  const source = archive ? 'K0S_DIR' : 'cache';
  recordComponent(`k0s ${version} (from ${source === 'K0S_DIR' ? 'K0S_DIR' : 'the cache'})`);
  return { version, layer: path.slice(0, -'/usr/local/bin/k0s'.length), path, source };
}

/** Versions that can be had here, oldest first. */
export function k0sVersions(): string[] {
  const names = [...namesIn(process.env['K0S_DIR']), ...namesIn(unpackedDir())];
  const versions = names.flatMap((name) => /^k0s-(v[^-]+?)(\.xz|-[0-9a-f]{16})$/.exec(name)?.[1] ?? []);
  return [...new Set(versions)].sort();
}

/** Layer with k0s at /usr/local/bin/k0s, for machines where it is pre-installed. */
export async function k0sLayer(version?: string): Promise<string> {
  return (await k0sBinary(version)).layer;
}

/**
 * Unpacks `<K0S_DIR>/<name>.xz` once into the cache, or finds it there; undefined when there is neither.
 * `as` is its path below its folder in the cache.
 */
export async function unpackedXz(name: string, as: string): Promise<string | undefined> {
  const archive = inK0sDir(`${name}.xz`);
  if (!archive) return newestUnpacked(name, as);
  const { size, mtimeMs } = statSync(archive);
  const hash = createHash('sha256').update(`${name} ${size} ${mtimeMs}`).digest('hex').slice(0, 16);
  const folder = join(unpackedDir(), `${name}-${hash}`);
  await withLock(folder, async () => {
    if (existsSync(folder)) return;
    await ensureHostTools();
    const draft = join(unpackedDir(), `.new-${name}-${hash}`);
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(join(draft, as, '..'), { recursive: true });
    await run('sh', ['-c', 'xz --decompress --stdout -- "$1" >"$2"', 'sh', archive, join(draft, as)]);
    chmodSync(join(draft, as), 0o755);
    renameSync(draft, folder);
  });
  return join(folder, as);
}

const unpackedDir = (): string => join(cacheDir(), 'k0s');

function inK0sDir(file: string): string | undefined {
  const path = join(process.env['K0S_DIR'] ?? '', file);
  return process.env['K0S_DIR'] && existsSync(path) ? path : undefined;
}

function newestUnpacked(name: string, as: string): string | undefined {
  return namesIn(unpackedDir())
    .filter((entry) => entry.startsWith(`${name}-`) && /^[0-9a-f]{16}$/.test(entry.slice(name.length + 1)))
    .map((entry) => join(unpackedDir(), entry, as))
    .filter((path) => existsSync(path))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

function namesIn(folder: string | undefined): string[] {
  return folder && existsSync(folder) ? readdirSync(folder) : [];
}
