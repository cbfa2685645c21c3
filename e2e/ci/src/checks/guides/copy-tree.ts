import { cp, glob, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const folders = ['apps', 'libs', 'e2e', 'docs', 'deploy'];
const files = ['package.json', 'tsconfig.json', 'tsconfig.base.json', 'jest.preset.cjs', '.prettierrc.json'];
const left = /\/(node_modules|dist|\.nx|\.results)(\/|$)/;

/** Copies the written part of this checkout; libraries are linked, our own rooms to their copies. */
export async function copyTree(to: string): Promise<void> {
  for (const folder of folders) {
    await cp(folder, join(to, folder), { recursive: true, filter: (path) => !left.test(`/${path}`) });
  }
  for (const file of files) await cp(file, join(to, file));

  await linkEach('node_modules', join(to, 'node_modules'));
  for await (const nested of glob('{apps,libs,e2e}/*/node_modules')) await symlink(resolve(nested), join(to, nested));
  const rooms = join(to, 'node_modules/@k0smotron');
  await mkdir(rooms);
  for await (const room of glob('{apps,libs,e2e}/*/package.json')) {
    const { name } = JSON.parse(await readFile(room, 'utf8')) as { readonly name: string };
    await symlink(join(to, room, '..'), join(rooms, name.replace('@k0smotron/', '')));
  }
}

async function linkEach(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) {
    if (name !== '@k0smotron') await symlink(resolve(from, name), join(to, name));
  }
}
