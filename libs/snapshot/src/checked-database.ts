import { createHash } from 'node:crypto';
import { SnapshotDamagedError } from './damaged.ts';

const digestBytes = 32;
/** bbolt's smallest page; etcd's own tools check the size against it. */
const pageBytes = 512;

/**
 * Passes on a database as etcd streams it, all of it, and throws at the end when the SHA-256 in its last 32 bytes is not that of
 * what came before. The digest stays in the file, as in `etcdctl snapshot save`, so `etcdutl` checks it once more.
 *
 * @throws SnapshotDamagedError
 */
export async function* checkedDatabase(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const digest = createHash('sha256');
  let sizeBytes = 0;
  let heldBack = Buffer.alloc(0); // perhaps the digest
  for await (const piece of source) {
    sizeBytes += piece.length;
    if (piece.length >= digestBytes) {
      digest.update(heldBack).update(piece.subarray(0, -digestBytes));
      heldBack = Buffer.from(piece.subarray(-digestBytes));
    } else {
      const both = Buffer.concat([heldBack, piece]);
      digest.update(both.subarray(0, -digestBytes));
      heldBack = both.subarray(-digestBytes);
    }
    yield piece;
  }
  if (sizeBytes <= digestBytes || sizeBytes % pageBytes !== digestBytes) {
    throw new SnapshotDamagedError(`etcd's database cannot have ${sizeBytes} bytes with its digest`);
  }
  if (!digest.digest().equals(heldBack)) {
    throw new SnapshotDamagedError('the database does not have the SHA-256 that etcd gave for it');
  }
}
