import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Adds all under `folder` to `found`, as it is seen from a machine whose path for it is `prefix`.
 * What vanishes while looking counts as not there.
 */
export async function listTree(folder: string, prefix: string, found: Map<string, string>): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [] as Dirent[]);
  for (const { name } of entries) {
    const path = join(folder, name);
    const seenAs = `${prefix}/${name}`;
    const stats = await lstat(path).catch(() => undefined);
    if (!stats) continue;
    found.set(seenAs, await describe(path, stats));
    if (stats.isDirectory()) await listTree(path, seenAs, found);
  }
}

async function describe(path: string, stats: Stats): Promise<string> {
  if (stats.isFile()) return `file ${stats.size}`;
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return `link ${await readlink(path).catch(() => '')}`;
  // overlayfs marks what was removed from a lower layer by a character device 0/0.
  return stats.isCharacterDevice() && stats.rdev === 0 ? 'removed' : 'other';
}
