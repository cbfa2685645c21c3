import { ObjectExistsError, ObjectNotFoundError, type ObjectStore } from '../src/index.ts';
import { assertObjectName, assertPrefix } from '../src/object-name.ts';

/** A store in memory, held to the contract of the real ones. */
export function memoryStore(): ObjectStore {
  const objects = new Map<string, { readonly bytes: Buffer; readonly modifiedAt: Date }>();
  return {
    put: async (name, source, { ifAbsent = false } = {}, signal) => {
      assertObjectName(name);
      const pieces: Uint8Array[] = [];
      for await (const piece of source) {
        signal?.throwIfAborted();
        pieces.push(Buffer.from(piece));
      }
      if (ifAbsent && objects.has(name)) throw new ObjectExistsError(`there is ${name} already`);
      objects.set(name, { bytes: Buffer.concat(pieces), modifiedAt: new Date() });
    },
    get: async function* (name) {
      assertObjectName(name);
      const found = await Promise.resolve(objects.get(name));
      if (!found) throw new ObjectNotFoundError(`there is no ${name}`);
      yield found.bytes;
    },
    head: (name) => {
      assertObjectName(name);
      const found = objects.get(name);
      const { bytes, modifiedAt } = found ?? { bytes: Buffer.alloc(0), modifiedAt: new Date(0) };
      return Promise.resolve(found && { name, sizeBytes: bytes.length, modifiedAt });
    },
    list: async function* (prefix) {
      assertPrefix(prefix);
      for (const [name, { bytes, modifiedAt }] of await Promise.resolve([...objects])) {
        if (name.startsWith(prefix)) yield { name, sizeBytes: bytes.length, modifiedAt };
      }
    },
    delete: (name) => {
      assertObjectName(name);
      objects.delete(name);
      return Promise.resolve();
    },
    discardUnfinished: () => Promise.resolve(), // it keeps nothing unfinished
    close: () => undefined,
  };
}
