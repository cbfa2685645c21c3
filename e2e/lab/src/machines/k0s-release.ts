import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { download, UnreachableError } from '../downloads/download.ts';
import { withLock } from '../lock.ts';
import { progress } from '../progress.ts';

/** Version → architecture as Node calls it → sha256 of the release's binary. */
export type K0sReleases = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Official releases that may be downloaded. Where the sums are from (we could not download a release to compute them):
 * the k0s-nix flake of the Nix community pins both versions; those of v1.35.8 agree with an update-server index made from
 * the digests of k0s' GitHub releases. A wrong sum would only refuse the right file.
 */
export const k0sReleases: K0sReleases = {
  'v1.34.4+k0s.0': {
    x64: '69ee4856d5b85eeb633da200b8140144154c03c0c971db168a3292c8867301c1',
    arm64: '7ce26485f901aebcf65e50fa662fae8a35cd47a513744ddd5b8b8994d6b03b6f',
  },
  'v1.35.8+k0s.0': {
    x64: '9ec7ec39c4cb7f1a2f595a413499ccbd6e713e91dcefd7709e19c9a4557f938c',
    arm64: 'd6b133b421e6051c2131d7acac23203c686083e2a6864a17c5ade25627eb202a',
  },
};

const releases = 'https://github.com/k0sproject/k0s/releases/download';
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Name that an official release has in the cache; the end is that of its sha256. */
export function releaseFolder(version: string, known: K0sReleases = k0sReleases): string | undefined {
  const sha256 = known[version]?.[process.arch];
  return sha256 && `k0s-${version}-${sha256.slice(0, 16)}`;
}

/**
 * Path of an official k0s below `folder`, downloaded once from k0s' releases or from the mirror that
 * `K0SMOTRON_LAB_K0S_URL` names; undefined when we know no sha256 of this version or cannot reach it.
 * @throws LabError when what came is not what it should be.
 */
export function fetchedK0s(
  version: string,
  { folder, program }: { readonly folder: string; readonly program: string },
  known: K0sReleases = k0sReleases,
): Promise<string | undefined> {
  const name = releaseFolder(version, known);
  const sha256 = known[version]?.[process.arch];
  if (!name || !sha256) return Promise.resolve(undefined);
  const target = join(folder, name);
  return withLock(target, async () => {
    const draft = join(folder, `.new-${name}`);
    rmSync(draft, { recursive: true, force: true });
    if (existsSync(target)) return join(target, program);
    const base = process.env['K0SMOTRON_LAB_K0S_URL'] || releases;
    const file = `k0s-${version}-${architectures[process.arch] ?? process.arch}`;
    const url = `${base}/${encodeURIComponent(version)}/${encodeURIComponent(file)}`;
    try {
      await download({ what: `k0s ${version}`, url, sha256, path: join(draft, program) });
      chmodSync(join(draft, program), 0o755);
      renameSync(draft, target);
      return join(target, program);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      progress(`no download: ${error.message}`);
      return undefined;
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  });
}
