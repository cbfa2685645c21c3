import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../command.ts';
import { recordComponent } from '../components.ts';
import { LabError } from '../lab-error.ts';
import { withLock } from '../lock.ts';
import { cacheDir } from '../paths.ts';
import { progress } from '../progress.ts';
import { ensureTools } from './host-tools.ts';
import { fetchedK0s, releaseFolder } from './k0s-release.ts';
import { standInForced, standInLayer } from './k0s-stand-in.ts';

/** Taken when a test does not ask for another one. */
export const defaultK0sVersion = 'v1.34.4+k0s.0';

/** Where k0s comes from, for the first lines of reports. */
export interface K0sBinary {
  readonly version: string;
  /** Folder that holds it as `usr/local/bin/k0s`, so that it can lie over the image of machines. */
  readonly layer: string;
  readonly path: string;
  /** `stand-in`: not k0s at all, but the lab's own program that plays it (stand-in/README.md). */
  readonly source: 'K0S_DIR' | 'cache' | 'download' | 'stand-in';
}

const sources: Readonly<Record<K0sBinary['source'], string>> = {
  K0S_DIR: 'from K0S_DIR',
  cache: 'from the cache',
  download: 'an official release',
  'stand-in': "not k0s itself: the lab's stand-in",
};

/**
 * A k0s binary: unpacked from the folder that `K0S_DIR` names (`k0s-<version>.xz`), else from the cache, else an official
 * release (k0s-release.ts), else the lab's stand-in (ER-13), which is the default version only.
 * `K0SMOTRON_LAB_K0S=stand-in` forces the stand-in.
 * @throws LabError with one line when another version is nowhere, or a download is not what it should be.
 */
export async function k0sBinary(version: string = defaultK0sVersion): Promise<K0sBinary> {
  const found = await findK0s(version);
  const line = describeK0s(found);
  if (!said.has(line)) progress(line);
  said.add(line);
  recordComponent(line);
  return found;
}

/** One line for reports and the demo: which k0s runs, and where it comes from. */
export const describeK0s = ({ version, source }: Pick<K0sBinary, 'version' | 'source'>): string =>
  `k0s ${version} (${sources[source]})`;

/** True when the default version of real k0s can be had, and is not to be played by the stand-in. */
export const realK0s = async (): Promise<boolean> => (await k0sBinary()).source !== 'stand-in';

/** True when the default k0s brings all its parts along, as official releases do. */
export async function k0sEmbedsParts(): Promise<boolean> {
  const { layer, version } = await k0sBinary();
  return layer === join(unpackedDir(), releaseFolder(version) ?? '');
}

const said = new Set<string>();
const program = 'usr/local/bin/k0s';

async function findK0s(version: string): Promise<K0sBinary> {
  const name = `k0s-${version}`;
  const path = standInForced() ? undefined : await unpackedXz(name, program);
  if (path) {
    const source = inK0sDir(`${name}.xz`) ? 'K0S_DIR' : 'cache';
    return { version, layer: path.slice(0, -`/${program}`.length), path, source };
  }
  const fetched = standInForced() ? undefined : await fetchedOnce(version);
  if (fetched) return { version, layer: fetched.slice(0, -`/${program}`.length), path: fetched, source: 'download' };
  if (version !== defaultK0sVersion) {
    throw new LabError(
      `k0s ${version}: set K0S_DIR to a folder that holds ${name}.xz; it is not in the cache and could not be downloaded, and the stand-in plays ${defaultK0sVersion} only`,
    );
  }
  const layer = await standInLayer();
  return { version, layer, path: join(layer, program), source: 'stand-in' };
}

/** A release that could not be reached is not asked for again by this process. */
function fetchedOnce(version: string): Promise<string | undefined> {
  const known = fetches.get(version) ?? fetchedK0s(version, { folder: unpackedDir(), program });
  fetches.set(version, known);
  return known;
}

const fetches = new Map<string, Promise<string | undefined>>();

/**
 * Versions of real k0s that are here, oldest first; none while the stand-in is forced. `lab binaries` and whoever asks
 * for the default version download that one first.
 */
export function k0sVersions(): string[] {
  if (standInForced()) return [];
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
    await ensureTools({ xz: 'xz-utils' });
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
