import { recordComponent } from '../components.ts';
import { buildSet, removeBuildCache } from './build.ts';
import { cachedPath, isCached } from './cache.ts';
import { inEnvtestAssets, inPath } from './find-installed.ts';
import type { BinaryName } from './sets.ts';
import { assertKnownVersions, binarySets, namesOf, setOf } from './sets.ts';

const found = new Map<BinaryName, Promise<string>>();

/**
 * Path of a binary that runs on this host: from KUBEBUILDER_ASSETS, PATH (same minor version), the cache, else built
 * from pinned Go modules, which takes minutes once.
 * @throws LabError when it is nowhere and cannot be built.
 */
export function binary(name: BinaryName): Promise<string> {
  const known = found.get(name);
  if (known) return known;
  const path = find(name);
  found.set(name, path);
  path.catch(() => found.delete(name));
  return path;
}

/**
 * Finds or builds everything that a lab can need, in the order in which labs need it, then drops the private build
 * cache. `only` names sets; those that are built on demand are left out unless named.
 */
export async function allBinaries(only: readonly string[] = []): Promise<void> {
  assertKnownVersions();
  for (const set of binarySets) {
    if (only.length > 0 ? !only.includes(set.name) : set.onDemand) continue;
    const installed = await Promise.all(namesOf(set).map(findInstalled));
    if (!isCached(set) && !installed.every(Boolean)) await buildSet(set);
  }
  if (only.length === 0) await removeBuildCache();
}

async function find(name: BinaryName): Promise<string> {
  assertKnownVersions();
  const installed = await findInstalled(name);
  if (installed) {
    recordComponent(`${name} (${installed.from})`);
    return installed.path;
  }
  const set = setOf(name);
  if (!isCached(set)) await buildSet(set);
  recordComponent(`${name.replace(/-1\.\d+$/, '')} ${set.version}`);
  return cachedPath(name);
}

async function findInstalled(name: BinaryName): Promise<{ readonly path: string; readonly from: string } | undefined> {
  const asset = inEnvtestAssets(name);
  if (asset) return { path: asset, from: 'KUBEBUILDER_ASSETS' };
  const path = await inPath(name);
  return path === undefined ? undefined : { path, from: `PATH, ${setOf(name).version} or another patch of it` };
}
