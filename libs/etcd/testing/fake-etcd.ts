import { createHash } from 'node:crypto';
import { EtcdRefusedError, EtcdUnreachableError, grpcStatus, type EtcdConnection } from '../src/index.ts';
import type { EtcdWorld } from './etcd-world.ts';

interface FakeMember {
  readonly id: string;
  readonly peerUrl: string;
  name: string;
  learner: boolean;
  running: boolean;
}

/** A database file is whole pages. */
const pageBytes = 512;

const digestOf = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest();

/** An etcd in memory, with as much of the real one's stubbornness as the contract tests demand. */
export function fakeEtcd(): EtcdWorld {
  const peerUrl = (name: string): string => `https://${name}.test:2380`;
  let members: FakeMember[] = [{ id: '1', name: 'a', peerUrl: peerUrl('a'), learner: false, running: true }];
  let leader = '1';
  let made = 1;
  let revision = 1;
  const writes: { readonly key: string; readonly value: string; readonly revision: number }[] = [];
  /** Who stands by a member, and hears that it has no leader any more. */
  const standing: { readonly by: FakeMember; readonly tell: () => void }[] = [];

  const voters = (): FakeMember[] => members.filter(({ learner }) => !learner);
  const hasQuorum = (): boolean => voters().filter(({ running }) => running).length > voters().length / 2;
  const elect = (): void => {
    if (members.some(({ id, running }) => id === leader && running)) return;
    leader = voters().find(({ running }) => running)?.id ?? '';
  };
  const needQuorum = (): void => {
    if (!hasQuorum()) throw new EtcdUnreachableError('etcdserver: request timed out');
    elect();
  };
  const refuse = (code: number, message: string): never => {
    throw new EtcdRefusedError(code, `etcdserver: ${message}`);
  };
  const find = (id: string): FakeMember =>
    members.find((member) => member.id === id) ?? refuse(grpcStatus.notFound, 'member not found');
  const shown = ({ id, name, learner, peerUrl: url }: FakeMember) => ({
    id,
    name,
    started: name !== '',
    learner,
    peerUrls: [url],
    clientUrls: name === '' ? [] : ['https://127.0.0.1:2379'],
  });

  const adminOf = (self: FakeMember): EtcdConnection => {
    const closed = Promise.withResolvers<void>();
    /** Everything is asynchronous, as over a network, and only a running member answers. */
    const answer = <T>(work: () => T): Promise<T> =>
      Promise.resolve().then(() => {
        if (!self.running || !members.includes(self)) throw new EtcdUnreachableError('connect: connection refused');
        return work();
      });
    return {
      members: ({ linearizable = true } = {}) =>
        answer(() => {
          if (linearizable) needQuorum();
          return members.map(shown);
        }),
      status: () =>
        answer(() => {
          if (hasQuorum()) elect();
          return {
            clusterId: 'c1',
            memberId: self.id,
            leader: hasQuorum() ? leader : undefined,
            learner: self.learner,
            raftIndex: 7,
            raftAppliedIndex: 7,
            raftTerm: 2,
            revision,
            version: '3.6.0',
            dbSizeBytes: 4096,
            errors: [],
          };
        }),
      alarms: () => answer(() => (needQuorum(), [])),
      addMember: ({ peerUrls, learner = false }) =>
        answer(() => {
          needQuorum();
          if (learner && members.some((member) => member.learner)) {
            return refuse(grpcStatus.failedPrecondition, 'too many learner members in cluster');
          }
          made += 1;
          const added = { id: String(made), name: '', peerUrl: peerUrls[0] ?? '', learner, running: false };
          members = [...members, added];
          return shown(added);
        }),
      removeMember: (id) =>
        answer(() => {
          needQuorum();
          members = members.filter((member) => member.id !== id);
        }),
      promote: (id) =>
        answer(() => {
          needQuorum();
          const member = find(id);
          if (!member.running) refuse(grpcStatus.failedPrecondition, 'can only promote a learner in sync with leader');
          member.learner = false;
        }),
      moveLeader: (id) =>
        answer(() => {
          needQuorum();
          if (leader !== self.id) refuse(grpcStatus.failedPrecondition, 'not leader');
          leader = find(id).id;
        }),
      watchLeader: () =>
        answer(() => {
          needQuorum();
          if (self.learner) return refuse(grpcStatus.unavailable, 'rpc not supported for learner');
          return { lost: new Promise<void>((tell) => standing.push({ by: self, tell })) };
        }),
      count: () => answer(() => (needQuorum(), { revision, keys: new Set(writes.map(({ key }) => key)).size })),
      read: (key) =>
        answer(() => {
          needQuorum();
          const found = writes.findLast((write) => write.key === key);
          return found && { value: found.value, revision: found.revision };
        }),
      put: (key, value) =>
        answer(() => {
          needQuorum();
          revision += 1;
          writes.push({ key, value, revision });
          return revision;
        }),
      hash: (at) =>
        answer(() => {
          if (at > revision) return refuse(grpcStatus.outOfRange, 'mvcc: required revision is a future revision');
          const seen = writes.filter((write) => write.revision <= at);
          return { hash: digestOf(JSON.stringify(seen)).readUInt32BE(), compactRevision: -1, revision: at };
        }),
      snapshot: async function* () {
        const database = await answer(() => Buffer.alloc(pageBytes, JSON.stringify(writes)));
        yield database;
        yield digestOf(database);
      },
      closed: closed.promise,
      close: closed.resolve,
    };
  };
  const running = (name: string): FakeMember => {
    const member = members.find((one) => one.peerUrl === peerUrl(name));
    if (!member?.running) throw new EtcdUnreachableError('connect: connection refused');
    return member;
  };
  const connect = (name: string): Promise<EtcdConnection> => Promise.resolve().then(() => adminOf(running(name)));

  return {
    connect,
    endpoint: (name) => ({ name, connect: () => connect(name) }),
    peerUrl,
    start: (name) => {
      for (const member of members)
        if (member.peerUrl === peerUrl(name)) Object.assign(member, { name, running: true });
      return Promise.resolve();
    },
    stop: (name) => {
      for (const member of members) if (member.name === name) member.running = false;
      for (const { by, tell } of standing) if (!by.running || !hasQuorum()) tell();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
