import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { archiveFolder } from '../images/archive-folder.ts';
import { withLock } from '../lock.ts';
import { ensureTools } from '../machines/host-tools.ts';
import { debianRoot, suite } from '../machines/image.ts';
import { cacheDir } from '../paths.ts';
import { progress } from '../progress.ts';
import { removeTree } from '../undo.ts';

/** Debian's packages: the server, with the shell that its tools call. */
const packages = ['postgresql-15', 'dash'];

/** Two thirds of it, which nothing here reads: the compiler of queries, Perl of Debian's wrappers, texts. */
const unread = [
  ...['usr/lib/*/libLLVM*', 'usr/lib/*/libz3*', 'usr/lib/llvm*', 'usr/lib/postgresql/*/lib/{bitcode,llvm*}'],
  ...['usr/lib/*/perl*', 'usr/share/{doc,man,locale,i18n,perl*,info}', 'var/{cache,lib}'],
];

/** Owner of its data, in group and number; the server refuses to be root, and looks for its own name. */
const passwd = 'postgres:x:999:999::/tmp:/bin/sh\n';

/** An OCI archive and the full name of the image in it. */
export interface NamedArchive {
  readonly name: string;
  readonly archive: string;
}

/**
 * PostgreSQL of Debian as an image for pods, run as user 999: from the cache, or made in half a minute and the time that a
 * download of 100 MB takes. Its programs are in `/usr/lib/postgresql/15/bin`.
 * @throws LabError when Debian's packages cannot be had.
 */
export async function postgresArchive(): Promise<NamedArchive> {
  const name = 'docker.io/library/postgres:15';
  const made = JSON.stringify([name, suite, process.arch, packages, unread, passwd]);
  const hash = createHash('sha256').update(made).digest('hex').slice(0, 16);
  const archive = join(cacheDir(), 'pod-images', `postgres-${hash}.tar`);
  await withLock(archive, async () => {
    if (existsSync(archive)) return;
    await ensureTools({ mmdebstrap: 'mmdebstrap', setpriv: 'util-linux', unshare: 'util-linux' });
    const [root, scratch, draft] = [`${archive}.root`, `${archive}.tmp`, `${archive}.draft`];
    for (const rest of [root, scratch, draft]) await removeTree(rest); // of a maker that was killed
    mkdirSync(scratch, { recursive: true });
    const began = Date.now();
    // Unpacked and no more: what packages do at installation is for hosts.
    await debianRoot(root, scratch, ['--quiet', '--variant=extract', `--include=${packages.join(',')}`]);
    for (const path of globSync(unread, { cwd: root })) rmSync(join(root, path), { recursive: true });
    writeFileSync(join(root, 'etc/passwd'), passwd);
    await archiveFolder(root, { name, user: '999:999' }, draft);
    for (const rest of [root, scratch]) await removeTree(rest);
    renameSync(draft, archive);
    progress(`made image ${name} in ${Math.round((Date.now() - began) / 1000)} s`);
  });
  return { name, archive };
}
