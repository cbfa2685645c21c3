import { byAge, chooseDomain, chooseVictim, isCurrent } from './choose.ts';
import {
  holdsData,
  type ControlPlaneMachine,
  type DesiredControlPlane,
  type Move,
  type ObservedControlPlane,
} from './control-plane.ts';
import { memberOf, nameOf } from './etcd-view.ts';
import { gateAbandonment, gateAddition, gateRemoval, type RemovalIntent, type Verdict } from './gate.ts';
import { nextMachine } from './machine-name.ts';
import { planDeparture } from './plan-departure.ts';
import { planRemediation, type Remediation } from './plan-remediation.ts';

/** What a stage of the plan looks at. */
interface Situation {
  readonly observed: ObservedControlPlane;
  readonly desired: DesiredControlPlane;
  /** Not deleting, oldest first. */
  readonly active: readonly ControlPlaneMachine[];
  readonly remediations: readonly Remediation[];
}

/**
 * Chooses at most one move for a control plane, or says what it waits for. One serialised machine of states: departures first,
 * then replacement of failed machines, then rollout, then size (CP-31). Pure: the same picture gives the same move.
 */
export function planControlPlane(observed: ObservedControlPlane, desired: DesiredControlPlane): Move {
  const active = observed.machines.filter(({ deleting }) => !deleting).sort(byAge);
  const situation = { observed, desired, active, remediations: planRemediation(observed, desired) };
  for (const stage of stages) {
    const move = stage(situation);
    if (move) return move;
  }
  return { kind: 'settled' };
}

const stages: readonly ((situation: Situation) => Move | undefined)[] = [
  finishDepartures,
  startFirst,
  replaceFailed,
  evictStranger,
  giveUpOutdated,
  shrink,
  awaitReady,
  rollOut,
  grow,
  awaitRemediation,
];

function finishDepartures(situation: Situation): Move | undefined {
  const { observed, desired, active } = situation;
  const departure = planDeparture(observed);
  if (departure?.kind !== 'hold') return departure;
  if (!departure.stuck) return hold(departure.because);
  const eviction = evictStranger(situation);
  if (eviction?.kind === 'evict') return eviction;
  // What should take its place may have failed itself.
  const removal = replaceFailed(situation) ?? giveUpOutdated(situation);
  if (removal) return removal;
  // The gate keeps a member that the user deletes. If it is needed only because there are too few, a new one frees it.
  const mayGrow = active.length < desired.replicas && active.every(({ ready }) => ready);
  const grown = mayGrow ? add(situation) : departure;
  return grown.kind === 'add' ? grown : hold(departure.because);
}

function startFirst(situation: Situation): Move | undefined {
  const { observed, desired, active } = situation;
  if (active.length > 0) return undefined;
  if (desired.replicas === 0) return { kind: 'settled' };
  if (!holdsData(observed) || observed.etcd === 'unmanaged') return addUngated(situation);
  return {
    kind: 'hold',
    because:
      'every controller is gone and etcd with them: a new one would start an empty cluster. ' +
      'Restore a snapshot, or delete the Cluster and make it anew',
  };
}

/** What cannot be remediated keeps nothing else from being done: more replicas may be the way out. */
function replaceFailed({ remediations }: Situation): Move | undefined {
  const next = remediations.find((one) => one.kind === 'replace');
  return next && { kind: 'remove', name: next.name, because: next.because, remediation: next.record };
}

function awaitRemediation({ remediations }: Situation): Move | undefined {
  const next = remediations.find(({ kind }) => kind === 'deferred');
  return next && hold(`${next.name} has failed: ${next.because}`);
}

/**
 * A dead member that belongs to no machine would hold every other move for ever. It is told from a member that is only just
 * joining, and not yet known by name or address, by this: all machines are ready and have members of their own.
 */
function evictStranger({ observed, active }: Situation): Move | undefined {
  const { etcd } = observed;
  if (etcd === 'unmanaged' || etcd.unknown !== undefined || !active.every(({ ready }) => ready)) return undefined;
  const present = observed.machines.filter(({ released }) => !released);
  const explained = present.map((machine) => memberOf(etcd, machine));
  if (present.length === 0 || explained.includes(undefined)) return undefined;
  const stranger = etcd.members.find((member) => member.healthy !== true && !explained.includes(member));
  if (!stranger) return undefined;
  const because = `no machine runs etcd member ${nameOf(stranger)}`;
  return gated(gateRemoval(etcd, stranger.id, 'failed'), { kind: 'evict', memberId: stranger.id, because });
}

/**
 * One that never joined and is no longer wanted as it is: a version that was corrected, say. Waiting for it to become ready
 * could take for ever.
 */
function giveUpOutdated({ observed, active }: Situation): Move | undefined {
  const { etcd } = observed;
  const known = etcd !== 'unmanaged' && etcd.unknown === undefined ? etcd : undefined;
  const stillborn = active.find(
    (machine) =>
      !machine.ready && !isCurrent(machine) && (!holdsData(observed) || (known && !memberOf(known, machine))),
  );
  if (!stillborn || (holdsData(observed) && known && !gateAbandonment(known).allowed)) return undefined;
  return { kind: 'remove', name: stillborn.name, because: 'it is outdated and never joined' };
}

function shrink(situation: Situation): Move | undefined {
  const { desired, active } = situation;
  if (desired.replicas === 0) return hold('a control plane cannot have 0 replicas');
  if (active.length <= desired.replicas) return undefined;
  const victim = chooseVictim(expendable(active), desired.failureDomains, active);
  if (!victim) return undefined;
  const waiting = active.find((machine) => machine !== victim && !machine.ready);
  if (waiting) return hold(notReady(waiting));
  const why = isCurrent(victim) ? `${desired.replicas} replicas are wanted` : 'it is outdated';
  return remove(situation, victim, why, victim.ready ? 'voluntary' : 'failed');
}

/** Among whom to choose: a rollout's new machine is surplus too, and must not be the one that goes. */
function expendable(active: readonly ControlPlaneMachine[]): readonly ControlPlaneMachine[] {
  const preferred = active.filter(({ preferredVictim }) => preferredVictim);
  const outdated = active.filter((machine) => !isCurrent(machine));
  return [preferred, outdated, active].find((group) => group.length > 0) ?? [];
}

function awaitReady({ active }: Situation): Move | undefined {
  const waiting = active.find(({ ready }) => !ready);
  return waiting && hold(notReady(waiting));
}

function rollOut(situation: Situation): Move | undefined {
  const { desired, active } = situation;
  const outdated = active.filter((machine) => !isCurrent(machine));
  if (outdated.length === 0 || active.length < desired.replicas) return undefined;
  if (desired.versionProblem) return hold(desired.versionProblem);
  if (desired.strategy === 'InPlace' && outdated.every(({ change }) => change === 'in place')) {
    return updateInPlace(situation, outdated);
  }
  if (desired.strategy === 'RecreateDeleteFirst' && desired.replicas >= 3) {
    const victim = chooseVictim(outdated, desired.failureDomains, active);
    return victim && remove(situation, victim, 'it is outdated', 'voluntary');
  }
  return add(situation);
}

/** One at a time, and etcd's leader last, so that leadership moves once. */
function updateInPlace(situation: Situation, outdated: readonly ControlPlaneMachine[]): Move | undefined {
  const { etcd } = situation.observed;
  const leads = (machine: ControlPlaneMachine): boolean =>
    etcd !== 'unmanaged' && etcd.leader !== undefined && memberOf(etcd, machine)?.id === etcd.leader;
  const [next] = [...outdated].sort((a, b) => Number(leads(a)) - Number(leads(b)) || byAge(a, b));
  return next && whenSettled(situation, { kind: 'update', name: next.name });
}

function grow(situation: Situation): Move | undefined {
  return situation.active.length < situation.desired.replicas ? add(situation) : undefined;
}

const add = (situation: Situation): Move =>
  situation.desired.versionProblem
    ? hold(situation.desired.versionProblem)
    : whenSettled(situation, addUngated(situation));

function whenSettled({ observed: { etcd } }: Situation, move: Move): Move {
  return gated(etcd === 'unmanaged' ? { allowed: true } : gateAddition(etcd), move);
}

function addUngated({ observed, desired }: Situation): Move {
  const counted = observed.machines.filter(({ released }) => !released).length;
  if (counted > desired.replicas) {
    return hold(`${counted} machines exist, at most ${desired.replicas + 1} may exist at a time`);
  }
  const taken = observed.machines.map(({ name }) => name);
  const next = nextMachine(desired, desired.counter, taken);
  const failureDomain = chooseDomain(desired.failureDomains ?? [], observed.machines);
  const replaces = observed.remediation;
  return {
    kind: 'add',
    ...next,
    ...(failureDomain === undefined ? {} : { failureDomain }),
    ...(replaces ? { replaces } : {}),
  };
}

function remove(situation: Situation, victim: ControlPlaneMachine, because: string, intent: RemovalIntent): Move {
  const { etcd } = situation.observed;
  const move: Move = { kind: 'remove', name: victim.name, because };
  if (etcd === 'unmanaged') return move;
  return gated(gateRemoval(etcd, memberOf(etcd, victim)?.id ?? victim.name, intent), move);
}

const gated = (verdict: Verdict, move: Move): Move => (verdict.allowed ? move : hold(verdict.because));

const hold = (because: string): Move => ({ kind: 'hold', because });

const notReady = ({ name, notReadyBecause }: ControlPlaneMachine): string =>
  `${name} is not ready${notReadyBecause ? `: ${notReadyBecause}` : ''}`;
