import { EtcdUnreachableError } from './errors.ts';
import type { GrpcChannel } from './grpc-channel.ts';
import { etcdMethod } from './proto.ts';

/** Hash of everything that one member keeps from its compaction up to a revision. */
export interface KeysHash {
  /** CRC-32 (Castagnoli) over revisions, keys and values, as etcd makes it. */
  readonly hash: number;
  /** Two hashes can be compared only when this agrees. */
  readonly compactRevision: number;
  readonly revision: number;
}

/** Etcd reads its whole database for a hash. */
const hashTimeoutMs = 10 * 60_000;

/** Asks one member for its hash at a revision. */
export async function hashKeys(channel: GrpcChannel, revision: number, signal?: AbortSignal): Promise<KeysHash> {
  const options = { timeoutMs: hashTimeoutMs, ...(signal ? { signal } : {}) };
  const answer = (await channel.unary(etcdMethod('Maintenance', 'HashKV'), { revision }, options)) as RawHash;
  return {
    hash: answer.hash,
    compactRevision: Number(answer.compact_revision),
    // Etcd 3.5 does not say it again.
    revision: Number(answer.hash_revision) || revision,
  };
}

/** One member's database and its SHA-256, piece by piece. `silenceMs` is how long etcd may say nothing while we listen. */
export async function* streamDatabase(
  channel: GrpcChannel,
  silenceMs: number,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const silent = new AbortController();
  const either = AbortSignal.any([silent.signal, ...(signal ? [signal] : [])]);
  const pieces = channel.stream(etcdMethod('Maintenance', 'Snapshot'), {}, { signal: either });
  let left = 1;
  try {
    for (;;) {
      // Only while we wait: a slow reader is no fault of etcd's.
      const limit = setTimeout(() => silent.abort(new Error(`etcd said nothing for ${silenceMs} ms`)), silenceMs);
      const next = await pieces.next().finally(() => clearTimeout(limit));
      if (next.done) break;
      const { blob, remaining_bytes } = next.value as RawPiece;
      left = Number(remaining_bytes);
      yield blob;
    }
  } finally {
    await pieces.return(undefined);
  }
  if (left > 0) throw new EtcdUnreachableError(`the snapshot ended ${left} bytes too early`);
}

interface RawHash {
  readonly hash: number;
  readonly compact_revision: string;
  readonly hash_revision: string;
}

interface RawPiece {
  readonly blob: Buffer;
  readonly remaining_bytes: string;
}
