import { pipeline, Readable, type Transform } from 'node:stream';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { messageOf, TerminalError } from '@k0smotron/core';
import { SnapshotDamagedError } from './damaged.ts';

type Bytes = AsyncIterable<Uint8Array>;

/** Age works on pieces of this size; zstd's default is a quarter of it. */
const chunkSize = 64 * 1024;

/**
 * Compresses with zstd, and encrypts with age when there is anybody who may open it. Standard tools undo it:
 * `age -d -i key.txt file | zstd -d`. Only what is taken is made, so memory stays flat.
 *
 * @param recipients age public keys; none leaves it readable by all.
 * @throws TerminalError `InvalidRecipient`
 */
export async function sealStream(source: Bytes, recipients: readonly string[]): Promise<Bytes> {
  const compressed = through(source, createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_checksumFlag]: 1 } }));
  if (recipients.length === 0) return compressed;
  // Loaded when it is needed: most services never seal anything.
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (cause) {
      compressed.destroy();
      throw new TerminalError('InvalidRecipient', `"${recipient}" is no age recipient: ${messageOf(cause)}`, { cause });
    }
  }
  return fromWeb(await encrypter.encrypt(toWeb(compressed)));
}

/**
 * Undoes {@link sealStream}.
 * @param identities age secret keys, any of which fits; `undefined` when the file is not encrypted.
 * @throws SnapshotDamagedError when it cannot be opened: damaged, or none of the keys fits.
 */
export async function* openStream(
  source: Bytes,
  identities: readonly string[] | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sourceFailed: { readonly cause: unknown } | undefined;
  const watched = (async function* () {
    const pieces = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        // Around this alone: whoever reads from us throws his own errors into this generator when he stops.
        const next = await pieces.next().catch((cause: unknown) => {
          sourceFailed = { cause };
          throw cause;
        });
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await pieces.return?.();
    }
  })();
  try {
    const opened = identities ? fromWeb(await decrypt(watched, identities)) : watched;
    yield* through(opened, createZstdDecompress({ chunkSize }));
  } catch (cause) {
    if (sourceFailed) throw sourceFailed.cause;
    throw new SnapshotDamagedError(`it cannot be opened: ${messageOf(cause)}`, { cause });
  }
}

async function decrypt(source: Bytes, identities: readonly string[]): Promise<ReadableStream<Uint8Array>> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  return decrypter.decrypt(toWeb(Readable.from(source)));
}

/** The error of either end reaches the other; leaving early stops the source too. */
const through = (source: Bytes, transform: Transform): Transform =>
  pipeline(Readable.from(source), transform, () => undefined);

const toWeb = (stream: Readable): ReadableStream<Uint8Array> => Readable.toWeb(stream);
const fromWeb = (stream: ReadableStream<Uint8Array>): Bytes => stream;
