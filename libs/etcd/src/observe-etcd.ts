import type { EtcdAlarm, EtcdMember, EtcdReader, EtcdStatus } from './etcd-admin.ts';

/** One machine whose etcd is to be asked. */
export interface EtcdEndpoint {
  /** The member's name, for one that does not answer. */
  readonly name: string;
  /** What it gives is closed after the look. */
  connect(signal?: AbortSignal): Promise<EtcdReader>;
}

/** A member with what it and the others say about it. */
export interface ObservedMember {
  readonly id: string;
  readonly name: string;
  readonly started: boolean;
  readonly learner: boolean;
  /** `undefined` when no endpoint leads to it. */
  readonly healthy: boolean | undefined;
  readonly raftIndex?: number;
  readonly peerUrls: readonly string[];
  /** Why it is not healthy. */
  readonly problem?: string;
}

/** Everything that was seen of one etcd at one moment; plain data, in the shape that the planner reads. */
export interface EtcdObservation {
  readonly clusterId?: string;
  readonly members: readonly ObservedMember[];
  readonly leader?: string;
  readonly alarms: readonly EtcdAlarm[];
  /** RFC 3339. */
  readonly observedAt: string;
  readonly source: 'etcd';
  /** Set when no member could give a list that a majority stands behind. */
  readonly unknown?: string;
}

/** What an endpoint answered, or why it did not. */
type Answer =
  | { readonly name: string; readonly admin: EtcdReader; readonly status: EtcdStatus }
  | { readonly name: string; readonly problem: string };

/**
 * Asks all endpoints at once and puts the answers together (SR-6). Never throws for what etcd does: it says what is unknown.
 * The member list is a linearizable read, so a member cut off from the majority cannot tell an old story.
 */
export async function observeEtcd(
  endpoints: readonly EtcdEndpoint[],
  now: Date,
  signal?: AbortSignal,
): Promise<EtcdObservation> {
  const admins: EtcdReader[] = [];
  try {
    const answers = await Promise.all(endpoints.map((endpoint) => ask(endpoint, admins, signal)));
    signal?.throwIfAborted();
    return await combine(answers, now, signal);
  } finally {
    for (const admin of admins) admin.close();
  }
}

async function ask(endpoint: EtcdEndpoint, admins: EtcdReader[], signal?: AbortSignal): Promise<Answer> {
  try {
    const admin = await endpoint.connect(signal);
    admins.push(admin);
    return { name: endpoint.name, admin, status: await admin.status(signal) };
  } catch (cause) {
    return { name: endpoint.name, problem: textOf(cause) };
  }
}

async function combine(answers: readonly Answer[], now: Date, signal?: AbortSignal): Promise<EtcdObservation> {
  const base = { observedAt: now.toISOString().replace(/\.\d+Z$/, 'Z'), source: 'etcd' as const };
  const alive = answers.filter((answer) => 'admin' in answer);
  const foreign = alive.find(({ status }) => status.clusterId !== alive[0]?.status.clusterId);
  if (foreign) {
    const unknown = `${foreign.name} belongs to etcd ${foreign.status.clusterId}, the others to another one`;
    return { ...base, members: [], alarms: [], unknown };
  }
  // Voters that know a leader answer a linearizable read; learners would refuse it.
  const askable = alive.filter(({ status }) => status.leader !== undefined && !status.learner);
  const problems = answers.flatMap((answer) => ('problem' in answer ? [`${answer.name}: ${answer.problem}`] : []));
  for (const { name, admin } of askable) {
    try {
      // Every member's status tells of alarms; the list of them is a raft entry, which nobody should write once a minute.
      const alarmed = alive.some(({ status }) => status.errors.length > 0);
      const [members, alarms] = await Promise.all([admin.members({}, signal), alarmed ? admin.alarms(signal) : []]);
      const observed = members.map((member) => observeMember(member, answers, alarms));
      const leader = alive.find(({ status }) => status.leader !== undefined)?.status.leader;
      const clusterId = alive[0]?.status.clusterId;
      return { ...base, clusterId, members: observed, alarms, ...(leader ? { leader } : {}) };
    } catch (cause) {
      problems.push(`${name}: ${textOf(cause)}`);
    }
  }
  const why = problems.length > 0 ? problems.sort().join('; ') : 'no member knows a leader';
  return { ...base, members: [], alarms: [], unknown: endpointsOr(answers, why) };
}

function observeMember(member: EtcdMember, answers: readonly Answer[], alarms: readonly EtcdAlarm[]): ObservedMember {
  const { id, name, started, learner, peerUrls } = member;
  const base = { id, name, started, learner, peerUrls };
  const answer = answers.find((one) => ('status' in one ? one.status.memberId === id : one.name === name));
  if (!started) return { ...base, healthy: false, problem: 'it has not started' };
  if (!answer) return { ...base, healthy: undefined, problem: 'no machine of this control plane runs it' };
  if ('problem' in answer) return { ...base, healthy: false, problem: answer.problem };
  const { leader, raftIndex } = answer.status;
  const corrupt = alarms.some(({ memberId, alarm }) => memberId === id && alarm === 'CORRUPT');
  const problem = corrupt ? 'its data is corrupt' : leader === undefined ? 'it has no leader' : undefined;
  return { ...base, raftIndex, healthy: problem === undefined, ...(problem ? { problem } : {}) };
}

const endpointsOr = (answers: readonly Answer[], why: string): string =>
  answers.length === 0 ? 'there is no machine to ask' : why;

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
