import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { k0sBinary, serveFiles, type Lab } from '@k0smotron/lab';

/** One address that gives one release of k0s after another, so that a new version alone needs no other downloadURL. */
export interface K0sMirror {
  readonly url: string;
  /** Gives this release from now on; none, so that downloads fail. */
  offer(version: string | undefined): Promise<void>;
  close(): Promise<void>;
}

/** Serves releases that the lab has to its machines; nothing before the first offer. */
export async function startK0sMirror(lab: Lab): Promise<K0sMirror> {
  const folder = await mkdtemp(join(lab.dir, 'k0s-mirror-'));
  const server = await serveFiles(lab, folder);
  const program = join(folder, 'k0s');
  return {
    url: `${server.url}/k0s`,
    offer: async (version) => {
      if (version === undefined) return await rm(program, { force: true });
      const { path } = await k0sBinary(version);
      await symlink(path, `${program}.next`);
      await rename(`${program}.next`, program); // a download that goes on keeps the file that it began
    },
    close: () => server.close(),
  };
}
