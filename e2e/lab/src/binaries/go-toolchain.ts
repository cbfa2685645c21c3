import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { download, UnreachableError } from '../downloads/download.ts';
import { unzip } from '../downloads/unzip.ts';
import { LabError } from '../lab-error.ts';
import { withLock } from '../lock.ts';
import { cacheDir } from '../paths.ts';
import { progress } from '../progress.ts';

/** Which Go is brought where there is none. */
export interface GoRelease {
  readonly version: string;
  /** Architecture as Node calls it → Go's name for it and the sha256 of the module's zip. */
  readonly builds: Readonly<Record<string, { readonly arch: string; readonly sha256: string }>>;
}

/** New enough for every module file under `modules/`. The sums are those of the zips that sum.golang.org vouches for. */
export const goRelease: GoRelease = {
  version: '1.26.8',
  builds: {
    x64: { arch: 'amd64', sha256: '30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7' },
    arm64: { arch: 'arm64', sha256: '02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99' },
  },
};

const toolchainDomain = 'golang.org';

/** What Go itself asks when GOPROXY is not set: the public proxy of its own domain. */
export const defaultProxy = `https://proxy.${toolchainDomain}`;

/**
 * Path of a `go` in the cache, brought from the Go module proxy (GOPROXY, else Go's default) as Go brings newer
 * toolchains itself: 70 MB once.
 * @throws LabError with one line when no proxy has it, or when it is not what it should be.
 */
export async function fetchedGo(release: GoRelease = goRelease): Promise<string> {
  const build = release.builds[process.arch];
  if (process.platform !== 'linux' || !build)
    throw new LabError(`there is no Go for ${process.platform} on ${process.arch} here: install Go`);
  const folder = join(cacheDir(), 'go', `${release.version}-${build.sha256.slice(0, 16)}`);
  const go = join(folder, 'bin/go');
  await withLock(`go ${cacheDir()}`, async () => {
    if (existsSync(go)) return;
    const module = `v0.0.1-go${release.version}.linux-${build.arch}`;
    const draft = `${folder}.draft`;
    rmSync(draft, { recursive: true, force: true });
    try {
      await fromProxies(`Go ${release.version}`, `${toolchainDomain}/toolchain/@v/${module}.zip`, {
        sha256: build.sha256,
        path: join(draft, 'module.zip'),
      });
      unpack(draft, `${toolchainDomain}/toolchain@${module}/`);
      rmSync(folder, { recursive: true, force: true });
      renameSync(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
    progress(`Go ${release.version} is in the cache`);
  });
  return go;
}

/** Tries the proxies in the order of GOPROXY, as Go does. */
async function fromProxies(what: string, file: string, to: { sha256: string; path: string }): Promise<void> {
  const failures: string[] = [];
  for (const proxy of proxies()) {
    try {
      return await download({ what, url: `${proxy}/${file}`, ...to });
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      failures.push(error.message);
    }
  }
  const why = failures.join('; ') || 'GOPROXY names no module proxy';
  throw new LabError(`there is no Go here and none could be downloaded (${why}): install Go ${goRelease.version}`);
}

function proxies(): string[] {
  const list = process.env['GOPROXY'] || defaultProxy;
  return list
    .split(/[,|]/)
    .map((entry) => entry.trim().replace(/\/$/, ''))
    .filter((entry) => /^https?:/.test(entry)); // the rest is `direct`, `off` or a folder
}

/** A module's zip has no modes, and no go.mod below its root: Go stores these as `_go.mod`. */
function unpack(draft: string, prefix: string): void {
  const archive = join(draft, 'module.zip');
  unzip(readFileSync(archive), draft, (name) =>
    name.startsWith(prefix) ? name.slice(prefix.length).replace(/(^|\/)_go\.mod$/, '$1go.mod') : undefined,
  );
  rmSync(archive);
  for (const dir of ['bin', 'pkg/tool']) {
    for (const file of readdirSync(join(draft, dir), { recursive: true, withFileTypes: true })) {
      if (file.isFile()) chmodSync(join(file.parentPath, file.name), 0o755);
    }
  }
}
