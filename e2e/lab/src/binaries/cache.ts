import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { cacheDir } from '../paths.ts';
import type { BinaryName, BinarySet } from './sets.ts';
import { namesOf, setOf } from './sets.ts';

/** Folder of a set's committed go.mod and go.sum, and of the few lines of Go that a set may have itself. */
export function moduleDir(set: BinarySet): string {
  return join(import.meta.dirname, '../../modules', set.name);
}

/**
 * Folder of a set's binaries: `<cache>/<set>/<hash of the module's folder, flags, platform>` (ER-11).
 * The toolchain counts by the `go` line of the module file, so that a full cache needs no Go to be found.
 */
export function cachedSetDir(set: BinarySet): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(moduleDir(set)).sort()) hash.update(readFileSync(join(moduleDir(set), file)));
  hash.update(JSON.stringify([set.packages, set.ldflags, set.tags ?? '', process.platform, process.arch]));
  return join(cacheDir(), set.name, hash.digest('hex').slice(0, 16));
}

/** The set's folder appears by one rename, so what is in it is whole. */
export function isCached(set: BinarySet): boolean {
  return namesOf(set).every((name) => existsSync(join(cachedSetDir(set), name)));
}

/** Where a binary is once its set is built. */
export function cachedPath(name: BinaryName): string {
  return join(cachedSetDir(setOf(name)), name);
}
