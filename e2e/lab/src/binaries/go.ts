import { join } from 'node:path';

import { run } from '../command.ts';
import { cacheDir } from '../paths.ts';
import { whereIs } from './find-installed.ts';
import { fetchedGo } from './go-toolchain.ts';

/** A Go to build with, and the environment that it needs. */
export interface Go {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The module files ask for this minor version or a newer one. */
const oldest = 26;

/**
 * The installed Go when it is new enough, else one from the cache or the module proxy (go-toolchain.ts).
 * `K0SMOTRON_LAB_GO=download` leaves the installed one alone.
 * @throws LabError when there is none and none can be had.
 */
export async function findGo(): Promise<Go> {
  const builds = { GOCACHE: buildCacheDir(), CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
  const installed = process.env['K0SMOTRON_LAB_GO'] === 'download' ? undefined : await installedGo();
  if (installed) return { command: installed, env: builds };
  // Whoever has no Go has no module cache to share either: ours is private and goes with the build cache.
  const own = { GOTOOLCHAIN: 'local', GOROOT: '', GOMODCACHE: moduleCacheDir(), GOFLAGS: '-modcacherw' };
  return { command: await fetchedGo(), env: { ...builds, ...own } };
}

/** Private build cache; it grows to many gigabytes while sets are built. */
export const buildCacheDir = (): string => join(cacheDir(), 'go-build');

/** Private module cache of a Go that was fetched. */
export const moduleCacheDir = (): string => join(cacheDir(), 'go-mod');

async function installedGo(): Promise<string | undefined> {
  const path = whereIs('go', ['/usr/local/go/bin']);
  if (!path) return undefined;
  const version = await run(path, ['version'], { timeoutMs: 30_000 }).catch(() => '');
  return Number(/ go1\.(\d+)/.exec(version)?.[1] ?? 0) >= oldest ? path : undefined;
}
