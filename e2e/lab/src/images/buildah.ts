import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../command.ts';
import { withLock } from '../lock.ts';
import { ensureTools } from '../machines/host-tools.ts';
import { cacheDir } from '../paths.ts';
import { removeTree } from '../undo.ts';

/**
 * Runs one command of buildah and gives what it printed, without the line end.
 * @throws LabError with its last lines.
 */
export type Buildah = (...args: readonly string[]) => Promise<string>;

const tools = { buildah: 'buildah', setpriv: 'util-linux', unshare: 'util-linux' };

/** It dies with us, and its mounts die with it: they are in a namespace of their own. */
const isolated =
  '--pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child --mount-proc buildah';

/** What statfs says of a filesystem that overlayfs cannot lie upon. */
const overlayMagic = 0x794c7630;

/**
 * Lends a store of buildah for some work: empty at first, gone afterwards, one at a time in this cache. buildah comes from
 * the distribution when it is missing. Needs root.
 * @throws LabError when there is no buildah and none can be installed.
 */
export function withBuildah<T>(work: (buildah: Buildah) => Promise<T>): Promise<T> {
  const store = join(cacheDir(), 'buildah');
  return withLock(store, async () => {
    await ensureTools(tools);
    await removeTree(store); // of somebody who was killed
    mkdirSync(join(store, 'tmp'), { recursive: true });
    const driver = statfsSync(store).type === overlayMagic ? 'vfs' : 'overlay';
    const global = ['--root', join(store, 'root'), '--runroot', join(store, 'run'), '--storage-driver', driver];
    const env = { TMPDIR: join(store, 'tmp'), BUILDAH_ISOLATION: 'chroot' };
    const buildah: Buildah = async (...args) =>
      (await run('setpriv', [...isolated.split(' '), ...global, ...args], { env })).trimEnd();
    try {
      return await work(buildah);
    } finally {
      await removeTree(store);
    }
  });
}
