import type { CallOptions, GrpcChannel } from './grpc-channel.ts';
import { etcdMethod } from './proto.ts';

/** How many keys etcd has, and at which revision that was so. */
export interface KeyCount {
  readonly revision: number;
  readonly keys: number;
}

/** One key's value, with the revision that wrote it. */
export interface StoredKey {
  readonly value: string;
  readonly revision: number;
}

/** Etcd's way of saying "from here to the end": all keys, when both ends are it. */
const everything = Buffer.from([0]);

/** Counts all keys. The answer comes from etcd's index: nothing is read from its disk. */
export async function countKeys(channel: GrpcChannel, options: CallOptions): Promise<KeyCount> {
  const request = { key: everything, range_end: everything, count_only: true };
  const answer = (await channel.unary(etcdMethod('KV', 'Range'), request, options)) as RawRange;
  return { revision: Number(answer.header.revision), keys: Number(answer.count) };
}

/** Reads one key. */
export async function readKey(channel: GrpcChannel, key: string, options: CallOptions): Promise<StoredKey | undefined> {
  const request = { key: Buffer.from(key), limit: 1 };
  const { kvs } = (await channel.unary(etcdMethod('KV', 'Range'), request, options)) as RawRange;
  const found = kvs[0];
  return found && { value: found.value.toString(), revision: Number(found.mod_revision) };
}

/** Writes one key, and gives the revision of the write. */
export async function putKey(
  channel: GrpcChannel,
  { key, value }: { readonly key: string; readonly value: string },
  options: CallOptions,
): Promise<number> {
  const request = { key: Buffer.from(key), value: Buffer.from(value) };
  const { header } = (await channel.unary(etcdMethod('KV', 'Put'), request, options)) as Pick<RawRange, 'header'>;
  return Number(header.revision);
}

interface RawRange {
  readonly header: { readonly revision: string };
  readonly kvs: readonly { readonly value: Buffer; readonly mod_revision: string }[];
  readonly count: string;
}
