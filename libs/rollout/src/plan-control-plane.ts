import { byAge, chooseDomain, chooseVictim } from './choose.ts';
import {
  holdsData,
  type ControlPlaneMachine,
  type DesiredControlPlane,
  type Move,
  type ObservedControlPlane,
} from './control-plane.ts';
import { memberOf, nameOf } from './etcd-view.ts';
import { gateAddition, gateRemoval, type RemovalIntent, type Verdict } from './gate.ts';
import { nextMachine } from './machine-name.ts';
import { planDeparture } from './plan-departure.ts';

/** What a stage of the plan looks at. */
interface Situation {
  readonly observed: ObservedControlPlane;
  readonly desired: DesiredControlPlane;
  /** Not deleting, oldest first. */
  readonly active: readonly ControlPlaneMachine[];
}

/**
 * Chooses at most one move for a control plane, or says what it waits for. One serialised machine of states: departures first,
 * then replacement of failed machines, then rollout, then size (CP-31). Pure: the same picture gives the same move.
 */
export function planControlPlane(observed: ObservedControlPlane, desired: DesiredControlPlane): Move {
  const active = observed.machines.filter(({ deleting }) => !deleting).sort(byAge);
  const situation = { observed, desired, active };
  const stages = [finishDepartures, startFirst, replaceFailed, evictStranger, shrink, awaitReady, rollOut, grow];
  for (const stage of stages) {
    const move = stage(situation);
    if (move) return move;
  }
  return { kind: 'settled' };
}

function finishDepartures(situation: Situation): Move | undefined {
  const { observed, desired, active } = situation;
  const departure = planDeparture(observed);
  if (departure?.kind !== 'hold') return departure;
  if (!departure.stuck) return hold(departure.because);
  const eviction = evictStranger(situation);
  if (eviction?.kind === 'evict') return eviction;
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

function replaceFailed(situation: Situation): Move | undefined {
  const { observed, active } = situation;
  const failed = active.find((machine) => machine.failed);
  if (!failed) return undefined;
  if (!holdsData(observed)) return { kind: 'remove', name: failed.name, because: 'it failed before the first start' };
  if (active.length === 1) return hold(`${failed.name} has failed and is the only controller`);
  return remove(situation, failed, 'it has failed', 'failed');
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

function shrink(situation: Situation): Move | undefined {
  const { desired, active } = situation;
  if (desired.replicas === 0) return hold('a control plane cannot have 0 replicas');
  if (active.length <= desired.replicas) return undefined;
  const victim = chooseVictim(expendable(active), desired.failureDomains);
  if (!victim) return undefined;
  const waiting = active.find((machine) => machine !== victim && !machine.ready);
  if (waiting) return hold(notReady(waiting));
  const why = victim.upToDate ? `${desired.replicas} replicas are wanted` : 'it is outdated';
  return remove(situation, victim, why, victim.ready ? 'voluntary' : 'failed');
}

/** Among whom to choose: a rollout's new machine is surplus too, and must not be the one that goes. */
function expendable(active: readonly ControlPlaneMachine[]): readonly ControlPlaneMachine[] {
  const preferred = active.filter(({ preferredVictim }) => preferredVictim);
  const outdated = active.filter(({ upToDate }) => !upToDate);
  return [preferred, outdated, active].find((group) => group.length > 0) ?? [];
}

function awaitReady({ active }: Situation): Move | undefined {
  const waiting = active.find(({ ready }) => !ready);
  return waiting && hold(notReady(waiting));
}

function rollOut(situation: Situation): Move | undefined {
  const { desired, active } = situation;
  const outdated = active.filter(({ upToDate }) => !upToDate);
  if (outdated.length === 0 || active.length < desired.replicas) return undefined;
  if (desired.strategy === 'InPlace' && outdated.every(({ onlyVersionOutdated }) => onlyVersionOutdated)) {
    return whenSettled(situation, { kind: 'update', names: outdated.map(({ name }) => name) });
  }
  if (desired.strategy === 'RecreateDeleteFirst' && desired.replicas >= 3) {
    const victim = chooseVictim(outdated, desired.failureDomains);
    return victim && remove(situation, victim, 'it is outdated', 'voluntary');
  }
  return add(situation);
}

const grow = (situation: Situation): Move | undefined =>
  situation.active.length < situation.desired.replicas ? add(situation) : undefined;

const add = (situation: Situation): Move => whenSettled(situation, addUngated(situation));

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
  return { kind: 'add', ...next, ...(failureDomain === undefined ? {} : { failureDomain }) };
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
