import { randomUUID } from 'node:crypto';
import { ObjectExistsError, type ObjectStore } from '@k0smotron/object-store';
import { sealStream } from '@k0smotron/snapshot';

/** What a store was seen to do. */
export interface ProbedStore {
  /** It refuses to replace an object when asked to: two leaders cannot both finish a snapshot. */
  readonly conditionalPuts: boolean;
}

/** The store does not do what stores do: something was written, and something else came back. */
export class UnfaithfulStoreError extends Error {
  override readonly name = 'UnfaithfulStoreError';
}

/**
 * Writes a few bytes, sealed as snapshots are, reads them back, compares, and deletes them.
 *
 * @param name where; what an earlier probe may have left there is deleted first.
 * @throws UnfaithfulStoreError; TerminalError `InvalidRecipient`; whatever the store throws
 */
export async function probeStore(
  store: ObjectStore,
  { name, recipients }: { readonly name: string; readonly recipients: readonly string[] },
  signal: AbortSignal,
): Promise<ProbedStore> {
  const written = await bytesOf(await sealStream(pieces(Buffer.from(randomUUID())), recipients));
  await store.delete(name, signal);
  await store.put(name, pieces(written), { ifAbsent: true }, signal);
  try {
    if (!(await bytesOf(store.get(name, signal))).equals(written)) {
      throw new UnfaithfulStoreError('what was read is not what was written');
    }
    const conditionalPuts = await refusesToReplace(store, name, signal);
    return { conditionalPuts };
  } finally {
    await store.delete(name, signal);
  }
}

async function refusesToReplace(store: ObjectStore, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await store.put(name, pieces(Buffer.from('replaced')), { ifAbsent: true }, signal);
    return false;
  } catch (cause) {
    if (cause instanceof ObjectExistsError) return true;
    throw cause;
  }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of source) all.push(piece);
  return Buffer.concat(all);
}
