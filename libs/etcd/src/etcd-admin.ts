import type { Duplex } from 'node:stream';
import { EtcdRefusedError, EtcdUnreachableError, grpcStatus } from './errors.ts';
import { openGrpcChannel, type CallOptions, type GrpcChannel } from './grpc-channel.ts';
import { countKeys, putKey, readKey, type KeyCount, type StoredKey } from './keys.ts';
import { etcdMethod } from './proto.ts';
import { hashKeys, streamDatabase, type KeysHash } from './snapshot-stream.ts';

/** One member as etcd lists it. Ids are hexadecimal, as etcd's own tools print them. */
export interface EtcdMember {
  readonly id: string;
  /** Empty until the member has started. */
  readonly name: string;
  readonly started: boolean;
  readonly learner: boolean;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}

/** What the member that we are connected to says about itself. */
export interface EtcdStatus {
  readonly clusterId: string;
  readonly memberId: string;
  /** Member id of the leader; `undefined` when it knows none. */
  readonly leader: string | undefined;
  readonly learner: boolean;
  readonly raftIndex: number;
  readonly raftAppliedIndex: number;
  readonly raftTerm: number;
  readonly revision: number;
  readonly version: string;
  readonly dbSizeBytes: number;
  /** What it complains about, alarms included. */
  readonly errors: readonly string[];
}

/** An alarm that stays until it is cleared. */
export interface EtcdAlarm {
  readonly memberId: string;
  readonly alarm: 'NOSPACE' | 'CORRUPT';
}

/** How the member list is read. */
export interface MembersOptions {
  /** `false` gives what this one member believes, which works without quorum too. True unless told. */
  readonly linearizable?: boolean;
}

/** A member that is to join. */
export interface NewMember {
  readonly peerUrls: readonly string[];
  readonly learner?: boolean;
}

/**
 * Administration of one etcd through one of its members. Each call ends within the deadline given to {@link connectEtcd}.
 *
 * All throw EtcdUnreachableError (nothing is known) or EtcdRefusedError (etcd says why not).
 */
export interface EtcdAdmin {
  members(options?: MembersOptions, signal?: AbortSignal): Promise<readonly EtcdMember[]>;
  status(signal?: AbortSignal): Promise<EtcdStatus>;
  alarms(signal?: AbortSignal): Promise<readonly EtcdAlarm[]>;
  addMember(member: NewMember, signal?: AbortSignal): Promise<EtcdMember>;
  /** A member that is not there any more is a success. */
  removeMember(id: string, signal?: AbortSignal): Promise<void>;
  /** Makes a learner vote. Refused until it has caught up. */
  promote(id: string, signal?: AbortSignal): Promise<void>;
  /** Only the leader can hand over: connect to the leader. A member that leads already is a success. */
  moveLeader(id: string, signal?: AbortSignal): Promise<void>;
  /**
   * Stands by this member without a word until it loses its leader, or the connection breaks: then `lost` resolves. Resolves
   * once etcd has taken the watch; refused by a learner and by a member without leader.
   */
  watchLeader(signal?: AbortSignal): Promise<{ readonly lost: Promise<void> }>;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

/** What etcd holds: asked, written, or taken away whole. Throws as {@link EtcdAdmin}. */
export interface EtcdData {
  /** Counts all keys at etcd's present revision; linearizable, so at least as new as any write that was answered before. */
  count(signal?: AbortSignal): Promise<KeyCount>;
  /** Linearizable; `undefined` when there is no such key. */
  read(key: string, signal?: AbortSignal): Promise<StoredKey | undefined>;
  /** Writes one key, not under a lease, and gives the revision of the write. */
  put(key: string, value: string, signal?: AbortSignal): Promise<number>;
  /**
   * This member's hash of all that etcd keeps up to a revision, for comparing members or copies (SR-13). Etcd reads its whole
   * database for it: ten minutes are given instead of the usual deadline. Refused when the revision is compacted or to come.
   */
  hash(revision: number, signal?: AbortSignal): Promise<KeysHash>;
  /**
   * This member's database as `etcdctl snapshot save` writes it: the file, then its SHA-256. Back-pressure reaches etcd. It may
   * take as long as it likes while something comes; the deadline is for each silence. A stream that ends early throws.
   */
  snapshot(signal?: AbortSignal): AsyncGenerator<Buffer, void, undefined>;
}

/** One connection to one member. */
export type EtcdConnection = EtcdAdmin & EtcdData;

/** The part of {@link EtcdAdmin} that only looks. */
export type EtcdReader = Pick<EtcdAdmin, 'members' | 'status' | 'alarms' | 'close'>;

/** Where etcd is and as whom we come. */
export interface ConnectEtcdOptions {
  /** Opens the connection, for instance an SSH channel to 127.0.0.1:2379 of a controller (SR-6). */
  readonly open: () => Promise<Duplex>;
  readonly caPem: string;
  /** A client certificate of etcd's authority, minted in memory; both are PEM. */
  readonly certPem: string;
  readonly keyPem: string;
  /** `localhost` unless told: k0s's etcd certifies nothing else. */
  readonly serverName?: string;
  /** Deadline of each call and of the connection. */
  readonly timeoutMs?: number;
}

/** Connects to one member. @throws EtcdUnreachableError when the connection or TLS fails. */
export async function connectEtcd(options: ConnectEtcdOptions, signal?: AbortSignal): Promise<EtcdConnection> {
  const { open, serverName = 'localhost', timeoutMs = 5_000 } = options;
  const raw = await open().catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new EtcdUnreachableError(said, { cause });
  });
  const channel = await openGrpcChannel(raw, { ...options, serverName }, { timeoutMs, signal });
  return adminOver(channel, timeoutMs);
}

function adminOver(channel: GrpcChannel, timeoutMs: number): EtcdConnection {
  const withSignal = (signal?: AbortSignal): CallOptions => ({ timeoutMs, ...(signal ? { signal } : {}) });
  const cluster = async <T>(name: string, request: object, signal?: AbortSignal): Promise<T> =>
    (await channel.unary(etcdMethod('Cluster', name), request, withSignal(signal))) as T;
  const maintenance = async <T>(name: string, request: object, signal?: AbortSignal): Promise<T> =>
    (await channel.unary(etcdMethod('Maintenance', name), request, withSignal(signal))) as T;

  return {
    members: async ({ linearizable = true } = {}, signal) =>
      (await cluster<{ members: RawMember[] }>('MemberList', { linearizable }, signal)).members.map(toMember),
    status: async (signal) => toStatus(await maintenance<RawStatus>('Status', {}, signal)),
    alarms: async (signal) => toAlarms(await maintenance<{ alarms: RawAlarm[] }>('Alarm', { action: 0 }, signal)),
    addMember: async ({ peerUrls, learner = false }, signal) => {
      const request = { peerURLs: peerUrls, isLearner: learner };
      return toMember((await cluster<{ member: RawMember }>('MemberAdd', request, signal)).member);
    },
    removeMember: async (id, signal) => {
      await cluster('MemberRemove', { ID: toDecimal(id) }, signal).catch(ignoreNotFound);
    },
    promote: async (id, signal) => {
      await cluster('MemberPromote', { ID: toDecimal(id) }, signal);
    },
    moveLeader: async (id, signal) => {
      await maintenance('MoveLeader', { targetID: toDecimal(id) }, signal);
    },
    watchLeader: (signal) => watchLeader(channel, timeoutMs, signal),
    count: (signal) => countKeys(channel, withSignal(signal)),
    read: (key, signal) => readKey(channel, key, withSignal(signal)),
    put: (key, value, signal) => putKey(channel, { key, value }, withSignal(signal)),
    hash: (revision, signal) => hashKeys(channel, revision, signal),
    snapshot: (signal) => streamDatabase(channel, timeoutMs, signal),
    closed: channel.closed,
    close: () => channel.close(),
  };
}

/** Nobody writes it: a watch on it has nothing to tell but its end. */
const idleKey = Buffer.from('/k0smotron/nobody-writes-this');

/** Etcd ends a watch that came with this header when the member has known no leader for a few election timeouts. */
const requireLeader = { hasleader: 'true' };

async function watchLeader(
  channel: GrpcChannel,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<{ readonly lost: Promise<void> }> {
  const unanswered = new AbortController();
  const options = {
    signal: AbortSignal.any([unanswered.signal, ...(signal ? [signal] : [])]),
    metadata: requireLeader,
  };
  const answers = channel.stream(etcdMethod('Watch', 'Watch'), { create_request: { key: idleKey } }, options);
  const limit = setTimeout(() => unanswered.abort(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  const first = await answers.next().finally(() => clearTimeout(limit));
  if (first.done) throw new EtcdUnreachableError('Watch: it ended before it began');
  return { lost: drained(answers) };
}

async function drained(answers: AsyncGenerator<object>): Promise<void> {
  try {
    for await (const _ of answers);
  } catch {
    // Why it ended is found out by looking.
  }
}

interface RawMember {
  readonly ID: string;
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
}

interface RawStatus {
  readonly header: { readonly cluster_id: string; readonly member_id: string; readonly revision: string };
  readonly version: string;
  readonly dbSize: string;
  readonly leader: string;
  readonly raftIndex: string;
  readonly raftTerm: string;
  readonly raftAppliedIndex: string;
  readonly errors: readonly string[];
  readonly isLearner: boolean;
}

interface RawAlarm {
  readonly memberID: string;
  readonly alarm: string;
}

const toMember = ({ ID, name, peerURLs, clientURLs, isLearner }: RawMember): EtcdMember => ({
  id: toHex(ID),
  name,
  started: name !== '',
  learner: isLearner,
  peerUrls: peerURLs,
  clientUrls: clientURLs,
});

const toStatus = (raw: RawStatus): EtcdStatus => ({
  clusterId: toHex(raw.header.cluster_id),
  memberId: toHex(raw.header.member_id),
  leader: raw.leader === '0' ? undefined : toHex(raw.leader),
  learner: raw.isLearner,
  raftIndex: Number(raw.raftIndex),
  raftAppliedIndex: Number(raw.raftAppliedIndex),
  raftTerm: Number(raw.raftTerm),
  revision: Number(raw.header.revision),
  version: raw.version,
  dbSizeBytes: Number(raw.dbSize),
  errors: raw.errors,
});

const toAlarms = ({ alarms }: { readonly alarms: readonly RawAlarm[] }): EtcdAlarm[] =>
  alarms.flatMap(({ memberID, alarm }) =>
    alarm === 'NOSPACE' || alarm === 'CORRUPT' ? [{ memberId: toHex(memberID), alarm }] : [],
  );

function ignoreNotFound(cause: unknown): void {
  if (cause instanceof EtcdRefusedError && cause.code === grpcStatus.notFound) return;
  throw cause;
}

const toHex = (decimal: string): string => BigInt(decimal).toString(16);
const toDecimal = (hex: string): string => BigInt(`0x${hex}`).toString();
