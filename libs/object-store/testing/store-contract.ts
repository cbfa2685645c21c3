import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ObjectExistsError, ObjectNotFoundError, type ObjectStore } from '../src/index.ts';

/** A store that a test may fill, and what else it needs to be closed. */
export interface StoreWorld {
  readonly store: ObjectStore;
  /** Names of everything that lies there unfinished, if that can be seen. */
  unfinished(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const mebibyte = 1024 * 1024;
/** More than two parts of S3. */
const largeBytes = 19 * mebibyte + 7;

/** Bytes that are not all alike, without keeping them. */
async function* bytesOf(sizeBytes: number, failsAt = Infinity): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < sizeBytes; at += 65_536) {
    if (at >= failsAt) throw new Error('the source went away');
    yield await Promise.resolve(Buffer.alloc(Math.min(65_536, sizeBytes - at), `${at} `));
  }
}
const textOf = (text: string): AsyncGenerator<Uint8Array> =>
  (async function* () {
    yield await Promise.resolve(Buffer.from(text));
  })();
async function digestOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of source) digest.update(piece);
  return digest.digest('hex');
}
async function readText(source: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** What each {@link ObjectStore} promises. */
export function storeContract(what: string, make: () => Promise<StoreWorld>): void {
  describe(`${what} keeps the contract of a store`, () => {
    let world: StoreWorld;
    let store: ObjectStore;
    beforeAll(async () => {
      world = await make();
      store = world.store;
    });
    afterAll(async () => {
      store.close();
      await world.close();
    });
    const namesUnder = async (prefix: string): Promise<string[]> => {
      const names: string[] = [];
      for await (const { name } of store.list(prefix)) names.push(name);
      return names.sort();
    };

    it.each([0, 1, 65_536, largeBytes])('gives %i bytes back as they were', async (sizeBytes) => {
      const name = `sizes/${sizeBytes}`;
      await store.put(name, bytesOf(sizeBytes));
      expect(await store.head(name)).toMatchObject({ name, sizeBytes });
      expect(await digestOf(store.get(name))).toBe(await digestOf(bytesOf(sizeBytes)));
    });

    it('knows nothing of what was never put, or was deleted', async () => {
      expect(await store.head('none/a')).toBeUndefined();
      await expect(readText(store.get('none/a'))).rejects.toThrow(ObjectNotFoundError);
      await store.delete('none/a');
      await store.put('none/b', textOf('b'));
      await store.delete('none/b');
      expect(await store.head('none/b')).toBeUndefined();
      expect(await namesUnder('none/')).toEqual([]);
    });

    it('replaces, unless it was told not to', async () => {
      await store.put('once/a', textOf('one'), { ifAbsent: true });
      await expect(store.put('once/a', textOf('two'), { ifAbsent: true })).rejects.toThrow(ObjectExistsError);
      expect(await readText(store.get('once/a'))).toBe('one');
      await store.put('once/a', textOf('three'));
      expect(await readText(store.get('once/a'))).toBe('three');
    });

    it('lets one of several that put at once win', async () => {
      const tries = await Promise.allSettled(
        ['a', 'b', 'c', 'd'].map((text) => store.put('race/a', textOf(text), { ifAbsent: true })),
      );
      const winners = tries.flatMap(({ status }, at) => (status === 'fulfilled' ? ['abcd'.charAt(at)] : []));
      expect(winners).toEqual([await readText(store.get('race/a'))]);
    });

    it('lists by the beginning of names, through folders', async () => {
      for (const name of ['list/a/x', 'list/a/y', 'list/ab/x', 'list/b']) await store.put(name, textOf(name));
      expect(await namesUnder('list/a/')).toEqual(['list/a/x', 'list/a/y']);
      expect(await namesUnder('list/a')).toEqual(['list/a/x', 'list/a/y', 'list/ab/x']);
      expect(await namesUnder('list/')).toHaveLength(4);
    });

    it('shows nothing of a put whose source fails, early or late, and nothing is left', async () => {
      for (const failsAt of [0, 65_536, 9 * mebibyte, 18 * mebibyte]) {
        await expect(store.put('failed/a', bytesOf(largeBytes, failsAt))).rejects.toThrow('the source went away');
        expect(await store.head('failed/a')).toBeUndefined();
      }
      await store.discardUnfinished('failed/');
      expect(await namesUnder('failed/')).toEqual([]);
      expect(await world.unfinished()).toEqual([]);
    });

    it('shows nothing of a put that was given up, and keeps what was there before', async () => {
      await store.put('given-up/a', textOf('before'));
      const caller = new AbortController();
      const source = (async function* () {
        yield* bytesOf(9 * mebibyte);
        caller.abort(new Error('no more'));
        yield* bytesOf(9 * mebibyte);
      })();
      await expect(store.put('given-up/a', source, {}, caller.signal)).rejects.toThrow('no more');
      expect(await readText(store.get('given-up/a'))).toBe('before');
    });

    it.each(['', '/a', 'a/', '../a', 'a/../b', 'a//b', '.hidden', 'a b', 'a?b', 'ä'])(
      'refuses the name "%s"',
      async (name) => {
        await expect(Promise.resolve().then(() => store.put(name, textOf('x')))).rejects.toThrow(RangeError);
      },
    );
  });
}
