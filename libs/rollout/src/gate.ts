import { isVoter, nameOf, type EtcdMemberView, type EtcdView } from './etcd-view.ts';

/** Whether a move may be made; a refusal says why, with numbers. */
export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly because: string };

/** `voluntary`: scale and rollout. `failed`: the victim itself is broken and is taken out for that. */
export type RemovalIntent = 'voluntary' | 'failed';

/** How many voters must be healthy for etcd to take writes. */
export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1;

/**
 * Whether a member may leave, by simulating the member set afterwards (SR-4). `victim` is a member's id or name. A victim that
 * is no member may go: nothing changes for etcd.
 */
export function gateRemoval(view: EtcdView, victim: string, intent: RemovalIntent): Verdict {
  if (view.unknown !== undefined) return refuse(`etcd cannot be seen: ${view.unknown}`);
  const leaving = view.members.find(({ id, name }) => id === victim || (name !== '' && name === victim));
  if (!leaving) return { allowed: true };

  const others = view.members.filter((member) => member !== leaving);
  const learners = others.filter((member) => member.learner === true);
  if (learners.length > 0) return refuse(`${names(learners)} is still a learner: wait until it votes`);
  if (intent === 'voluntary') {
    const trouble = unsettled(view);
    if (trouble) return refuse(trouble);
  }
  return afterRemoval(view, leaving, others);
}

function afterRemoval(view: EtcdView, leaving: EtcdMemberView, others: readonly EtcdMemberView[]): Verdict {
  // Others vote: learners have been refused. A learner that leaves changes nothing for those who vote.
  if (leaving.learner === true) return { allowed: true };
  if (others.length === 0) return refuse(`${nameOf(leaving)} is the last etcd member: without it all data is gone`);
  const healthy = others.filter((member) => isHealthy(view, member));
  const needed = quorumOf(others.length);
  if (healthy.length >= needed) return { allowed: true };
  const sick = others.filter((member) => !healthy.includes(member));
  return refuse(
    `without ${nameOf(leaving)} ${healthy.length} of ${others.length} members would be healthy and ${needed} are needed: ` +
      `${explained(sick)} must become healthy first`,
  );
}

/** Whether another member may join (SR-5): one at a time, and only while all that are there are well. */
export function gateAddition(view: EtcdView): Verdict {
  if (view.unknown !== undefined) return refuse(`etcd cannot be seen: ${view.unknown}`);
  const learners = view.members.filter((member) => member.learner === true);
  if (learners.length > 0) return refuse(`${names(learners)} is still joining: one at a time`);
  const trouble = unsettled(view);
  return trouble ? refuse(trouble) : { allowed: true };
}

/**
 * Whether a machine that is no member may be given up although it may be about to join: as if it became a voter at the last
 * moment that never starts, which costs one of two members (SR-5).
 */
export function gateAbandonment(view: EtcdView): Verdict {
  if (view.unknown !== undefined) return refuse(`etcd cannot be seen: ${view.unknown}`);
  const voters = view.members.filter(isVoter);
  const healthy = voters.filter((member) => isHealthy(view, member)).length;
  const needed = quorumOf(voters.length + 1);
  if (healthy >= needed) return { allowed: true };
  return refuse(
    `${healthy} of ${voters.length} members are healthy, and ${needed} would be needed if it joined after all`,
  );
}

/** Why the members are not all well, or `undefined`. */
function unsettled(view: EtcdView): string | undefined {
  const unstarted = view.members.filter(({ started }) => !started);
  if (unstarted.length > 0) {
    return (
      `${names(unstarted)} was added to etcd and has not started: ` +
      'check that it reaches the other controllers on ports 2380 and 9443'
    );
  }
  const voters = view.members.filter(isVoter);
  const sick = voters.filter(({ healthy }) => healthy !== true);
  if (sick.length > 0) {
    const word = sick.some(({ healthy }) => healthy === undefined) ? 'not known to be healthy' : 'unhealthy';
    return `${voters.length - sick.length} of ${voters.length} etcd members are healthy: ${explained(sick)} is ${word}`;
  }
  const alarm = view.alarms[0];
  if (alarm) {
    const member = view.members.find(({ id }) => id === alarm.memberId);
    return `etcd raised the alarm ${alarm.alarm} on ${member ? nameOf(member) : alarm.memberId}: clear it first`;
  }
  return view.leader === undefined && view.source === 'etcd' && voters.length > 0 ? 'etcd has no leader' : undefined;
}

const isHealthy = (view: EtcdView, member: EtcdMemberView): boolean =>
  member.started &&
  member.healthy === true &&
  !view.alarms.some(({ memberId, alarm }) => memberId === member.id && alarm === 'CORRUPT');

const names = (members: readonly EtcdMemberView[]): string => members.map(nameOf).sort().join(', ');

const explained = (members: readonly EtcdMemberView[]): string =>
  members
    .map((member) => nameOf(member) + (member.problem ? ` (${member.problem})` : ''))
    .sort()
    .join(', ');

const refuse = (because: string): Verdict => ({ allowed: false, because });
