import { ordinalOf } from './etcd-ordinal.ts';
import type { EtcdGate, EtcdMove, GateVerdict, ObservedEtcd, SeenEtcd, SeenEtcdPod, SeenMember } from './etcd-move.ts';

/** A member beside what Kubernetes shows of its ordinal. */
interface Seat {
  readonly member: SeenMember;
  readonly ordinal: number;
  readonly pod?: SeenEtcdPod;
}

interface Situation {
  /** Id of the leader. */
  readonly leader: string | undefined;
  readonly seats: readonly Seat[];
  readonly pods: readonly SeenEtcdPod[];
  readonly replicas: number;
  /** Whether a member, by its id, may leave. */
  readonly mayLeave: (member: SeenMember, intent: 'voluntary' | 'failed') => GateVerdict;
  readonly mayJoin: () => GateVerdict;
}

/** What is looked at, in this order; the first that has something to say decides. */
const steps = [mark, discard, rollBroken, finishJoin, evictEmpty, shrink, grow, roll];

/**
 * The one thing to do now for a plane's etcd, or why nothing may be done. Begin; clear what is left over; give the new
 * template to broken members; finish a join; replace a lost volume; shrink; grow; give the new template to the others, the
 * leader last.
 *
 * @param replicas members wanted, from `etcdReplicas`
 * @param gate `gateRemoval` and `gateAddition` of the rollout room (SR-4, SR-5)
 */
export function planEtcd<View extends SeenEtcd>(
  { view, pods, recorded, begunWith = [] }: ObservedEtcd<View>,
  replicas: number,
  gate: EtcdGate<View>,
): EtcdMove {
  if (view.unknown !== undefined) return whenUnseen(view.unknown, pods, recorded);
  if (!recorded) return begin(view, begunWith.length > 0 ? begunWith.length : replicas);

  const seats = view.members.map((member) => seatOf(member, pods));
  const stranger = seats.find(({ ordinal }) => ordinal === undefined);
  if (stranger) return hold(`etcd member ${nameOf(stranger.member)} is none of this control plane's pods`);
  const situation: Situation = {
    leader: view.leader,
    seats: seats as readonly Seat[],
    pods,
    replicas,
    mayLeave: (member, intent) => gate.removal(view, member.id, intent),
    mayJoin: () => gate.addition(view),
  };
  for (const step of steps) {
    const move = step(situation);
    if (move) return move;
  }
  return { kind: 'settled' };
}

/** Pods of a broken image must be replaceable although nobody answers; that costs nothing, for they do not run. */
function whenUnseen(because: string, pods: readonly SeenEtcdPod[], recorded: boolean): EtcdMove {
  const outdated = pods.find(({ upToDate, running }) => upToDate === false && running === false);
  if (outdated) return { kind: 'roll', ordinal: outdated.ordinal, because: 'it does not run, and its template is old' };
  const unmarked = pods.length > 0 && pods.every(({ claim }) => claim?.member === undefined);
  return recorded && unmarked
    ? hold(`no volume is known to hold the data of etcd: restore a snapshot (${because})`)
    : hold(`etcd cannot be seen: ${because}`);
}

function begin({ members }: SeenEtcd, count: number): EtcdMove {
  const ready = members.filter(isWell);
  return ready.length === count && members.length === count
    ? { kind: 'record' }
    : hold(`${ready.length} of ${count} members of the new etcd are ready`);
}

/** Says on each claim whose data it holds, while its member is well: how a lost volume is told from a slow member. */
function mark({ seats }: Situation): EtcdMove | undefined {
  const claims = seats
    .filter(({ member, pod }) => isWell(member) && pod?.claim && pod.claim.member !== member.id)
    .map(({ member, ordinal }) => ({ ordinal, memberId: member.id }));
  return claims.length > 0 ? { kind: 'mark', claims } : undefined;
}

/**
 * The data of a member that was removed makes etcd refuse to start, and is of no use to anybody. Beyond the last
 * member, where none is wanted, an empty claim is left over too.
 */
function discard({ seats, pods, replicas }: Situation): EtcdMove | undefined {
  const left = pods.find(({ ordinal, claim }) =>
    claim?.member === undefined
      ? claim !== undefined && ordinal >= replicas && !seats.some((seat) => seat.ordinal >= ordinal)
      : !seats.some(({ member }) => member.id === claim.member),
  );
  return left && { kind: 'discard', ordinal: left.ordinal, because: 'no member of etcd uses its volume' };
}

/**
 * A member that does not work gets the new template first, since it may be broken because of the old one. One that runs may
 * be slow only: it is spared while another one does not work.
 */
function rollBroken({ seats }: Situation): EtcdMove | undefined {
  const sick = seats.filter(({ member }) => member.healthy === false);
  const broken = sick.find(
    ({ pod }) => pod?.upToDate === false && (pod.running === false || (sick.length === 1 && seats.length > 1)),
  );
  return broken && { kind: 'roll', ordinal: broken.ordinal, because: broken.member.problem ?? 'it is not healthy' };
}

/** One that joins votes as soon as it can: nothing else can be changed meanwhile. */
function finishJoin({ seats, replicas }: Situation): EtcdMove | undefined {
  const joining = seats.find(({ member }) => !member.started || member.learner === true);
  if (!joining) return undefined;
  const { member, ordinal } = joining;
  const learner = member.learner === true;
  if (learner && ordinal >= replicas)
    return { kind: 'remove', ...identity(joining), because: 'it is no longer wanted' };
  if (member.started && learner) return { kind: 'promote', memberId: member.id, name: nameOf(member) };
  return hold(`${nameOf(member)} was added to etcd and has not started`);
}

/**
 * A member that had started, does not work, and whose claim is new or gone has lost its volume: it leaves, and comes back as
 * a learner with an empty one.
 */
function evictEmpty({ seats, mayLeave }: Situation): EtcdMove | undefined {
  const empty = seats.find(
    ({ member, pod }) => isVoter(member) && member.healthy === false && pod?.claim?.member === undefined,
  );
  if (!empty) return undefined;
  const name = nameOf(empty.member);
  if (seats.length === 1) return hold(`${name}, the only member, has lost its volume: restore a snapshot`);
  const verdict = mayLeave(empty.member, 'failed');
  return verdict.allowed
    ? { kind: 'remove', ...identity(empty), because: 'it has lost its volume' }
    : hold(`${name} has lost its volume, and cannot be replaced: ${verdict.because}`);
}

/** Broken members leave first; a working one stays until those that shall stay are all there. */
function shrink(situation: Situation): EtcdMove | undefined {
  const { leader, seats, replicas, mayLeave } = situation;
  const leaving = seats
    .filter(({ ordinal }) => ordinal >= replicas)
    .sort((a, b) => Number(isWell(a.member)) - Number(isWell(b.member)) || b.ordinal - a.ordinal)[0];
  if (!leaving || (isWell(leaving.member) && missing(situation) !== undefined)) return undefined;
  const verdict = mayLeave(leaving.member, isWell(leaving.member) ? 'voluntary' : 'failed');
  if (!verdict.allowed) return hold(`${nameOf(leaving.member)} cannot leave etcd: ${verdict.because}`);
  const staying = seats.filter(({ ordinal }) => ordinal < replicas);
  return { kind: 'remove', ...identity(leaving), ...handOver(leader, leaving, staying), because: 'etcd shrinks' };
}

function grow(situation: Situation): EtcdMove | undefined {
  const ordinal = missing(situation);
  if (ordinal === undefined) return undefined;
  const verdict = situation.mayJoin();
  return verdict.allowed ? { kind: 'add', ordinal } : hold(`etcd cannot grow: ${verdict.because}`);
}

/** The lowest ordinal that is wanted and is no member. */
function missing({ seats, replicas }: Situation): number | undefined {
  const taken = new Set(seats.map(({ ordinal }) => ordinal));
  return Array.from({ length: replicas }, (_, it) => it).find((it) => !taken.has(it));
}

/** One after another, while all others are well; the leader last, after leadership has moved. */
function roll({ leader, seats }: Situation): EtcdMove | undefined {
  const isLeader = ({ member }: Seat): number => Number(member.id === leader);
  const next = seats
    .filter(({ pod }) => pod?.upToDate === false)
    .sort((a, b) => isLeader(a) - isLeader(b) || b.ordinal - a.ordinal)[0];
  if (!next) return undefined;
  const sick = seats.find(({ member, pod }) => !isWell(member) || pod?.upToDate === undefined);
  if (sick) return hold(`${nameOf(next.member)} waits for its new template: ${nameOf(sick.member)} is not healthy`);
  return { kind: 'roll', ordinal: next.ordinal, ...handOver(leader, next, seats), because: 'its template is old' };
}

/** The well voter that is furthest on, if leadership has to move. */
function handOver(leader: string | undefined, from: Seat, to: readonly Seat[]): { moveLeaderTo?: string } {
  if (leader !== from.member.id) return {};
  const heir = to
    .filter((seat) => seat !== from && isWell(seat.member))
    .sort((a, b) => (b.member.raftIndex ?? 0) - (a.member.raftIndex ?? 0) || a.ordinal - b.ordinal)[0];
  return heir ? { moveLeaderTo: heir.member.id } : {};
}

const seatOf = (member: SeenMember, pods: readonly SeenEtcdPod[]) => {
  const ordinal = ordinalOf(member);
  return { member, ordinal, pod: pods.find((pod) => pod.ordinal === ordinal) };
};

const identity = ({ member, ordinal }: Seat) => ({ ordinal, memberId: member.id });

const isVoter = ({ started, learner }: SeenMember): boolean => started && learner !== true;

const isWell = (member: SeenMember): boolean => isVoter(member) && member.healthy === true;

const nameOf = ({ name, peerUrls, id }: SeenMember): string => name || (peerUrls[0] ?? id);

const hold = (because: string): EtcdMove => ({ kind: 'hold', because });
