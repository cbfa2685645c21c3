import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir } from '@k0smotron/lab';

/** A cache with the same binaries and images and no labs: what a document starts, it cannot mix up with labs of others. */
export interface PrivateCache {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Makes such a cache; whatever is brought into it goes with it. */
export async function privateCache(): Promise<PrivateCache> {
  const folder = await mkdtemp(join(tmpdir(), 'k0smotron-documents-'));
  const kept = (await readdir(cacheDir())).filter((name) => name !== 'labs');
  await mkdir(join(folder, 'labs'), { mode: 0o700 });
  await Promise.all(kept.map((name) => symlink(join(cacheDir(), name), join(folder, name))));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
