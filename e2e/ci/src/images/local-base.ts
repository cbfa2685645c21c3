import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { archiveFolder, cacheDir, withLock } from '@k0smotron/lab';

/** Where distroless has Node: deploy/images/Dockerfile begins there. */
export const nodePath = '/nodejs/bin/node';

const files: Readonly<Record<string, string>> = {
  '/etc/passwd': 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n',
  '/etc/group': 'root:x:0:\nnonroot:x:65532:\n',
  // The C library would otherwise ask a name server for what the kubelet writes into /etc/hosts.
  '/etc/nsswitch.conf': 'hosts: files dns\n',
};

/**
 * A base image like distroless Node 24, for hosts that reach no registry: the Node that runs us with its shared libraries,
 * two users, /tmp, and no shell. Certificate authorities are in Node itself. Gives the path of an OCI archive in the lab's
 * cache; the first call makes it in some seconds. Its layer is compressed, so that each image that is built on it takes it over.
 */
export async function localBase(): Promise<string> {
  const libraries = await librariesOf(process.execPath);
  const hash = createHash('sha256').update(JSON.stringify([files, nodePath, 'gzip']));
  for (const file of [process.execPath, ...libraries]) hash.update(`${file}\0`).update(await readFile(file));
  const archive = join(cacheDir(), 'image-base', `${hash.digest('hex').slice(0, 16)}.tar`);
  return withLock(archive, async () => {
    if (!existsSync(archive)) await make(archive, libraries);
    return archive;
  });
}

async function make(archive: string, libraries: readonly string[]): Promise<void> {
  const root = `${archive}.root`;
  await rm(root, { recursive: true, force: true });
  const copy = async (from: string, to: string): Promise<void> => {
    await mkdir(dirname(join(root, to)), { recursive: true });
    await cp(from, join(root, to), { dereference: true });
  };
  await copy(process.execPath, nodePath);
  for (const library of libraries) await copy(library, library);
  await mkdir(join(root, 'etc'), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(root, file), text);
  await mkdir(join(root, 'tmp'));
  await chmod(join(root, 'tmp'), 0o1777);
  const draft = `${archive}.draft`;
  await rm(draft, { force: true });
  const name = 'localhost/k0smotron-ts-base:local';
  await archiveFolder(root, { name, entrypoint: [nodePath], user: '65532:65532', compress: true }, draft);
  await rename(draft, archive);
  await rm(root, { recursive: true });
}

/** Paths of a program's shared libraries and their loader; the kernel's own (vdso) has none. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ldd', [program]);
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path).sort();
}
