import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { lastLines, run } from '../command.ts';
import { LabError } from '../lab-error.ts';
import { withLock } from '../lock.ts';
import { ensureTools } from '../machines/host-tools.ts';
import { cacheDir } from '../paths.ts';
import { progress } from '../progress.ts';
import { cachedSetDir, isCached, moduleDir } from './cache.ts';
import type { Go } from './go.ts';
import { buildCacheDir, findGo, moduleCacheDir } from './go.ts';
import type { BinarySet } from './sets.ts';
import { binarySets, namesOf } from './sets.ts';

/**
 * Builds a set from its Go modules into the cache, unless it is there. One build at a time on this host: two would
 * only share the same cores. The private build cache goes with the last set (ER-11).
 * @throws LabError with the compiler's last lines, or when there is no Go and none can be had.
 */
export function buildSet(set: BinarySet): Promise<void> {
  return withLock(buildLock(), async () => {
    if (isCached(set)) return;
    const names = namesOf(set).join(', ');
    const go = await findGo();
    progress(`building ${names} from Go modules (first time only, about ${set.buildSeconds} s on two cores)`);
    const started = Date.now();
    const stopTelling = tellWhileWaiting(set.name, started);
    try {
      await buildInto(go, set);
    } finally {
      stopTelling();
    }
    progress(`built ${names} in ${Math.round((Date.now() - started) / 1000)} s`);
    if (binarySets.every((each) => each.onDemand || isCached(each))) dropBuildCache();
  });
}

/** Deletes the private caches, which grow to many gigabytes, when no build runs. The user's own are left alone. */
export function removeBuildCache(): Promise<void> {
  return withLock(buildLock(), dropBuildCache);
}

function dropBuildCache(): void {
  for (const dir of [buildCacheDir(), moduleCacheDir()]) rmSync(dir, { recursive: true, force: true });
}

/** C++ is not needed, but the package of its compiler brings the one for C with the headers of libc. */
const compilers = { 'g++': 'g++' };

const buildLock = (): string => `build ${cacheDir()}`;

async function buildInto(go: Go, set: BinarySet): Promise<void> {
  const target = cachedSetDir(set);
  mkdirSync(dirname(target), { recursive: true });
  // A draft of a dead builder is nobody's: builds are serialised.
  for (const name of readdirSync(dirname(target))) {
    if (name.startsWith('.new-')) rmSync(join(dirname(target), name), { recursive: true, force: true });
  }
  if (set.cgo) await ensureTools(compilers);
  const draft = join(dirname(target), `.new-${process.pid}`);
  for (const [name, path] of Object.entries(set.packages)) {
    // One by one, since `go build` of several packages cannot name its outputs; the shared cache makes it cheap.
    await goBuild(go, set, { output: join(draft, name), path });
  }
  const version = await run(go.command, ['version'], { cwd: moduleDir(set), env: go.env });
  writeFileSync(join(draft, 'build.json'), JSON.stringify({ go: version.trim(), ldflags: set.ldflags }));
  rmSync(target, { recursive: true, force: true });
  renameSync(draft, target);
}

function goBuild(go: Go, set: BinarySet, { output, path }: { output: string; path: string }): Promise<void> {
  const args = ['build', '-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags', set.ldflags, '-o', output];
  if (set.tags) args.push('-tags', set.tags);
  return new Promise((resolve, reject) => {
    execFile(
      go.command,
      [...args, path],
      {
        cwd: moduleDir(set),
        env: { ...process.env, ...go.env, ...(set.cgo ? { CGO_ENABLED: '1' } : {}) },
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, _stdout, stderr) => {
        if (!error) resolve();
        else reject(new LabError(`go build ${path}: ${lastLines(stderr) || error.message}`, { cause: error }));
      },
    );
  });
}

/** A line every half minute, so that a long build does not look like a hang. */
function tellWhileWaiting(name: string, started: number): () => void {
  const timer = setInterval(() => {
    if (!process.env['K0SMOTRON_LAB_QUIET'])
      progress(`still building ${name}, ${Math.round((Date.now() - started) / 1000)} s`);
  }, 30_000);
  return () => clearInterval(timer);
}
