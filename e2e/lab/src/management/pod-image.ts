import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { archiveFolder } from '../images/archive-folder.ts';
import { withLock } from '../lock.ts';
import { cacheDir } from '../paths.ts';
import { progress } from '../progress.ts';

/** An image that is made of files of this host and nothing else. */
export interface PodImage {
  /** Full name with its tag, as pods spell it. */
  readonly name: string;
  /** Path in the image → file of this host, copied with its mode; links are followed. */
  readonly files: ReadonlyMap<string, string>;
  readonly entrypoint?: readonly string[];
  /** Number of a user; root unless given. */
  readonly user?: string;
}

/**
 * OCI archive of an image, from the cache or made in seconds; its name holds the hash of all that it is made from (ER-11).
 * @throws LabError when it cannot be made.
 */
export async function archiveOf(image: PodImage): Promise<string> {
  const title = basename(image.name).replace(/:.*/, '');
  const archive = join(cacheDir(), 'pod-images', `${title}-${hashOf(image)}.tar`);
  return withLock(archive, async () => {
    if (existsSync(archive)) return archive;
    const [root, draft] = [`${archive}.root`, `${archive}.draft`];
    for (const rest of [root, draft]) rmSync(rest, { recursive: true, force: true }); // of a maker that was killed
    const began = Date.now();
    for (const [path, source] of image.files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      copyFileSync(source, join(root, path));
    }
    await archiveFolder(root, image, draft);
    rmSync(root, { recursive: true });
    renameSync(draft, archive);
    progress(`made image ${image.name} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    return archive;
  });
}

function hashOf({ name, files, entrypoint, user }: PodImage): string {
  const hash = createHash('sha256').update(JSON.stringify([name, entrypoint, user]));
  for (const [path, source] of files) {
    const { size, mtimeMs } = statSync(source);
    hash.update(`${path} ${source} ${size} ${mtimeMs}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}
