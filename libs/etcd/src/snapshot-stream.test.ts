import { describe, expect, it } from '@jest/globals';
import { EtcdUnreachableError } from './errors.ts';
import type { GrpcChannel } from './grpc-channel.ts';
import { streamDatabase } from './snapshot-stream.ts';

interface Piece {
  readonly blob: Buffer;
  readonly remaining_bytes: string;
}

const piece = (left: number): Piece => ({ blob: Buffer.alloc(512), remaining_bytes: String(left) });

/** A channel whose stream gives these pieces and then ends, or waits until it is cancelled. */
function channelOf(
  pieces: readonly Piece[],
  then: 'ends' | 'is silent',
): { channel: GrpcChannel; given: () => number } {
  let given = 0;
  const channel: GrpcChannel = {
    unary: () => Promise.reject(new Error('nobody asks')),
    stream: async function* (_method, _request, { signal }) {
      for (const one of pieces) {
        given += 1;
        yield one;
      }
      if (then === 'ends') return;
      await new Promise((_, reject) => {
        const fail = (): void => reject(new EtcdUnreachableError(String(signal?.reason)));
        if (signal?.aborted) fail();
        signal?.addEventListener('abort', fail, { once: true });
      });
    },
    closed: new Promise(() => undefined),
    close: () => undefined,
  };
  return { channel, given: () => given };
}

const readAll = async (pieces: AsyncIterable<Buffer>): Promise<number> => {
  let size = 0;
  for await (const one of pieces) size += one.length;
  return size;
};

describe('streamDatabase', () => {
  it('gives all pieces', async () => {
    const { channel } = channelOf([piece(512), piece(0), piece(0)], 'ends');
    expect(await readAll(streamDatabase(channel, 5_000))).toBe(1536);
  });

  it('takes no early end for a whole snapshot', async () => {
    for (const pieces of [[], [piece(1024), piece(512)]]) {
      const { channel } = channelOf(pieces, 'ends');
      await expect(readAll(streamDatabase(channel, 5_000))).rejects.toThrow(EtcdUnreachableError);
    }
  });

  it('ends a stream that has become silent', async () => {
    const { channel } = channelOf([piece(512)], 'is silent');
    await expect(readAll(streamDatabase(channel, 20))).rejects.toThrow('said nothing for 20 ms');
  });

  it('ends when the caller gives up', async () => {
    const { channel } = channelOf([piece(512)], 'is silent');
    const caller = new AbortController();
    const reading = readAll(streamDatabase(channel, 60_000, caller.signal));
    caller.abort(new Error('no more'));
    await expect(reading).rejects.toThrow('no more');
  });

  it('asks for a piece only when the one before was taken', async () => {
    const { channel, given } = channelOf([piece(1024), piece(512), piece(0)], 'ends');
    const pieces = streamDatabase(channel, 5_000);
    await pieces.next();
    expect(given()).toBe(1);
    await pieces.return();
  });
});
