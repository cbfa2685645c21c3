import { createHash } from 'node:crypto';
import { SnapshotDamagedError } from './damaged.ts';

/** Size and SHA-256 (hexadecimal) of some bytes: their address, whatever they are called. */
export interface Measure {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Passes bytes through. `measure` gives what passed, once all did; before it throws. */
export function measured(source: AsyncIterable<Uint8Array>): {
  readonly bytes: AsyncGenerator<Uint8Array, void, undefined>;
  readonly measure: () => Measure;
} {
  let measure: Measure | undefined;
  return {
    bytes: (async function* () {
      const digest = createHash('sha256');
      let sizeBytes = 0;
      for await (const piece of source) {
        digest.update(piece);
        sizeBytes += piece.length;
        yield piece;
      }
      measure = { sizeBytes, sha256: digest.digest('hex') };
    })(),
    measure: () => {
      if (!measure) throw new Error('not all bytes have passed yet');
      return measure;
    },
  };
}

/** Passes bytes through and throws at their end when they are not what was expected. @throws SnapshotDamagedError */
export async function* expecting(
  source: AsyncIterable<Uint8Array>,
  { sizeBytes, sha256 }: Measure,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { bytes, measure } = measured(source);
  yield* bytes;
  const found = measure();
  if (found.sizeBytes === sizeBytes && found.sha256 === sha256) return;
  throw new SnapshotDamagedError(
    `${found.sizeBytes} bytes with SHA-256 ${found.sha256} instead of ${sizeBytes} with ${sha256}`,
  );
}
