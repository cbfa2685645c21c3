import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { checkedDatabase } from './checked-database.ts';
import { SnapshotDamagedError } from './damaged.ts';
import { expecting, measured } from './measured.ts';
import { openStream, sealStream } from './seal.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
const all = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
};
const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
const database = (pages: number): Buffer => {
  const bytes = Buffer.concat([randomBytes(512 * (pages - 1)), Buffer.alloc(512)]);
  return Buffer.concat([bytes, sha256(bytes)]);
};

describe('a sealed stream', () => {
  const bytes = database(700);

  it('opens to what it was, for each of its recipients', async () => {
    const identities = [await generateX25519Identity(), await generateX25519Identity()];
    const recipients = await Promise.all(identities.map((identity) => identityToRecipient(identity)));
    const sealed = await all(await sealStream(inPieces(bytes, 10_000), recipients));
    expect(sealed.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
    for (const identity of identities) {
      expect((await all(openStream(inPieces(sealed, 7_000), [identity]))).equals(bytes)).toBe(true);
    }
    const stranger = await generateX25519Identity();
    await expect(all(openStream(inPieces(sealed, 7_000), [stranger]))).rejects.toThrow(SnapshotDamagedError);
  });

  it('is only compressed when there is nobody to seal it for', async () => {
    const sealed = await all(await sealStream(inPieces(Buffer.alloc(1_000_000), 65_536), []));
    expect(sealed.length).toBeLessThan(1_000);
    expect((await all(openStream(inPieces(sealed, 100), undefined))).length).toBe(1_000_000);
  });

  it('does not open once it was cut or changed anywhere', async () => {
    const identity = await generateX25519Identity();
    for (const recipients of [[], [await identityToRecipient(identity)]]) {
      const identities = recipients.length > 0 ? [identity] : undefined;
      const sealed = await all(await sealStream(inPieces(bytes, 10_000), recipients));
      for (const at of [50, 200, Math.floor(sealed.length / 2), sealed.length - 1]) {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ 1;
        for (const harmed of [changed, sealed.subarray(0, at)]) {
          await expect(all(openStream(inPieces(harmed, 10_000), identities))).rejects.toThrow(SnapshotDamagedError);
        }
      }
    }
  });

  it('fails with the error of its source, and tells the source when nobody reads any more', async () => {
    const recipient = await identityToRecipient(await generateX25519Identity());
    let told = false;
    const source = async function* (fails: boolean): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield await Promise.resolve(randomBytes(65_536));
          if (fails) throw new Error('etcd went away');
        }
      } finally {
        told = true;
      }
    };
    await expect(all(await sealStream(source(true), [recipient]))).rejects.toThrow('etcd went away');
    told = false;
    for await (const _ of await sealStream(source(false), [recipient])) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(true);
  });

  it('refuses a recipient that is none', async () => {
    await expect(sealStream(inPieces(bytes, 10_000), ['age1nonsense'])).rejects.toMatchObject({
      reason: 'InvalidRecipient',
    });
  });
});

describe('checkedDatabase', () => {
  it.each([1, 31, 32, 33, 511, 4096])('passes a database on, in pieces of %i bytes', async (size) => {
    const bytes = database(3);
    expect(await all(checkedDatabase(inPieces(bytes, size)))).toEqual(bytes);
  });

  it('refuses one that was cut, changed or grown', async () => {
    const bytes = database(3);
    const changed = Buffer.from(bytes);
    changed[700] = (changed[700] ?? 0) ^ 1;
    const harmed = [bytes.subarray(0, -1), bytes.subarray(0, -32), bytes.subarray(0, 32), Buffer.alloc(0), changed];
    for (const one of [...harmed, Buffer.concat([bytes, Buffer.alloc(512)])]) {
      await expect(all(checkedDatabase(inPieces(one, 100)))).rejects.toThrow(SnapshotDamagedError);
    }
  });
});

describe('measured bytes', () => {
  it('are told by size and digest, and are not taken for others', async () => {
    const bytes = randomBytes(1000);
    const passing = measured(inPieces(bytes, 300));
    expect(() => passing.measure()).toThrow('not all bytes');
    await all(passing.bytes);
    expect(passing.measure()).toEqual({ sizeBytes: 1000, sha256: sha256(bytes).toString('hex') });
    expect(await all(expecting(inPieces(bytes, 300), passing.measure()))).toEqual(bytes);
    await expect(all(expecting(inPieces(bytes.subarray(1), 300), passing.measure()))).rejects.toThrow(
      SnapshotDamagedError,
    );
  });
});
