import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { ObjectExistsError, ObjectNotFoundError, StoreRefusedError } from './errors.ts';
import { assertObjectName, assertPrefix } from './object-name.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';

/** Of files that are still written; no object's name can begin so. */
const draftPrefix = '.draft-';

/** A folder as a store: an object is a file, which is written under another name, flushed to the disk and then named. */
export function openDirectoryStore(root: string): ObjectStore {
  const pathOf = (name: string): string => {
    assertObjectName(name);
    return join(root, name);
  };
  const toStored = async (name: string): Promise<StoredObject> => {
    const { size, mtime } = await stat(join(root, name));
    return { name, sizeBytes: size, modifiedAt: mtime };
  };
  const filesUnder = async function* (prefix: string): AsyncGenerator<string, void, undefined> {
    assertPrefix(prefix);
    const from = prefix.endsWith('/') || prefix === '' ? prefix : dirname(prefix);
    const found = readdir(join(root, from), { recursive: true, withFileTypes: true });
    for (const entry of await found.catch(ifMissing([]))) {
      if (entry.isFile()) yield relative(root, join(entry.parentPath, entry.name));
    }
  };

  return {
    put: (name, source, { ifAbsent = false } = {}, signal) =>
      translated(async () => {
        const path = pathOf(name);
        await mkdir(dirname(path), { recursive: true });
        const draft = join(dirname(path), `${draftPrefix}${randomUUID()}`);
        try {
          await writeFlushed(draft, source, signal);
          // A link is refused when there is one already, a rename replaces it.
          if (ifAbsent) await link(draft, path).catch(ifExists(name));
          else await rename(draft, path);
          await flush(dirname(path));
        } finally {
          await rm(draft, { force: true });
        }
      }, name),
    get: async function* (name, signal) {
      const pieces = createReadStream(pathOf(name), { ...(signal ? { signal } : {}), highWaterMark: 256 * 1024 });
      try {
        yield* pieces as AsyncIterable<Uint8Array>;
      } catch (cause) {
        throw translate(cause, name);
      }
    },
    head: (name) => translated(() => toStored((pathOf(name), name)).catch(ifMissing(undefined)), name),
    list: async function* (prefix, signal) {
      for await (const name of filesUnder(prefix)) {
        signal?.throwIfAborted();
        if (!name.startsWith(prefix) || basename(name).startsWith(draftPrefix)) continue;
        const stored = await toStored(name).catch(ifMissing(undefined));
        if (stored) yield stored;
      }
    },
    delete: (name) =>
      translated(async () => {
        await rm(pathOf(name), { force: true });
      }, name),
    discardUnfinished: (prefix) =>
      translated(async () => {
        for await (const name of filesUnder(prefix)) {
          const inFolder = name.slice(0, -basename(name).length);
          if (basename(name).startsWith(draftPrefix) && inFolder.startsWith(prefix)) await rm(join(root, name));
        }
      }, prefix),
    close: () => undefined,
  };
}

async function writeFlushed(path: string, source: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const piece of source) {
      signal?.throwIfAborted();
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flush(folder: string): Promise<void> {
  const file = await open(folder, 'r');
  await file.sync().finally(() => file.close());
}

// Not by `instanceof`: errors of the file system can be of another realm.
const codeOf = (cause: unknown): unknown => (Object(cause) as NodeJS.ErrnoException).code;

const ifMissing =
  <T>(instead: T) =>
  (cause: unknown): T => {
    if (codeOf(cause) === 'ENOENT') return instead;
    throw cause;
  };

const ifExists =
  (name: string) =>
  (cause: unknown): never => {
    throw codeOf(cause) === 'EEXIST' ? new ObjectExistsError(`there is ${name} already`, { cause }) : cause;
  };

const translated = <T>(work: () => Promise<T>, name: string): Promise<T> =>
  work().catch((cause: unknown) => {
    throw translate(cause, name);
  });

/** What the file system says; anything else is the source's and stays as it is. */
function translate(cause: unknown, name: string): unknown {
  const code = codeOf(cause);
  if (code === 'ENOENT') return new ObjectNotFoundError(`there is no ${name}`, { cause });
  const refusals = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'];
  if (!refusals.includes(String(code))) return cause;
  return new StoreRefusedError(`${name}: ${(cause as Error).message}`, { cause });
}
