import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { storeContract } from '../testing/store-contract.ts';
import { openDirectoryStore } from './directory-store.ts';
import { StoreRefusedError } from './errors.ts';

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'k0smotron-store-'));
const drafts = async (root: string): Promise<string[]> =>
  (await readdir(root, { recursive: true })).filter((name) => name.includes('.draft-'));

storeContract('a directory', async () => {
  const root = await folder();
  return {
    store: openDirectoryStore(root),
    unfinished: () => drafts(root),
    close: () => rm(root, { recursive: true }),
  };
});

describe('a directory as a store', () => {
  let root: string;
  beforeEach(async () => (root = await folder()));
  afterEach(() => rm(root, { recursive: true }));

  it('drops the drafts of a process that died, in one folder only', async () => {
    const store = openDirectoryStore(root);
    const one = (async function* () {
      yield await Promise.resolve(Buffer.from('x'));
    })();
    await store.put('a/b', one);
    await store.put('c/d', one);
    for (const name of ['a', 'c']) await writeFile(join(root, name, '.draft-1'), 'half');
    const listed: string[] = [];
    for await (const { name } of store.list('')) listed.push(name);
    expect(listed.sort()).toEqual(['a/b', 'c/d']);
    await store.discardUnfinished('a/');
    expect(await drafts(root)).toEqual(['c/.draft-1']);
  });

  it('says that it was refused when a file is in the way of a folder', async () => {
    await writeFile(join(root, 'a'), 'a file');
    const none = (async function* (): AsyncGenerator<Uint8Array> {})();
    await expect(openDirectoryStore(root).put('a/b', none)).rejects.toThrow(StoreRefusedError);
  });
});
