import { annotations, Machine } from '@k0smotron/api';
import { assertNever, isDeleting, lookAgain, waitingOn, type Outcome } from '@k0smotron/core';
import { controllerRemoved, factObject } from '@k0smotron/events';
import { machineName, planControlPlane, type Move } from '@k0smotron/rollout';
import type { Step } from '@k0smotron/runtime';
import { settledLookMs, watchedLookMs } from '../../../hosts/look.ts';
import { evictMember, forgetInWorkload, leaveEtcd } from '../../../hosts/leave-etcd.ts';
import { createController } from '../../../machines/create-controller.ts';
import { observedControlPlane } from '../../../machines/observed.ts';
import { whyAlone } from '../../../machines/why-alone.ts';
import { fieldManager, nextMachineAnnotation } from '../../../names.ts';
import { updateInPlace, updateWorkerInPlace } from '../../../updates/update-in-place.ts';
import { counterOf, desiredControlPlane } from '../desired.ts';
import { lookAnew } from './observe-hosts.ts';
import { isInitialized, type ControlPlaneScope } from '../scope.ts';

/** Asks the planner for one move and makes it; everything that adds or removes a controller comes through here (CP-31). */
export const makeMove: Step<ControlPlaneScope> = {
  name: 'make move',

  async run(scope, signal) {
    if (await noteAddition(scope)) return lookAgain(0, 'the number of the next machine was written down');
    let move = planned(scope);
    if (!isSupported(scope, move)) {
      await lookAnew(scope, signal);
      move = planned(scope);
    }
    if (scope.memory.look) scope.memory.look.settled = move.kind === 'settled' && loose(scope) === undefined;
    if (acts(move)) delete scope.memory.look;
    return perform(scope, move, signal);
  },
};

/** What was seen a while ago can tell that nothing is to be done, and never that something is (SR-4). */
function isSupported({ found, memory }: ControlPlaneScope, move: Move): boolean {
  if (!found.remembered || move.kind === 'settled') return true;
  return move.kind === 'hold' && memory.look?.settled === false;
}

const acts = ({ kind }: Move): boolean => kind !== 'settled' && kind !== 'hold';

function planned(scope: ControlPlaneScope): Move {
  const { plane } = scope;
  const move = planControlPlane(observedControlPlane(scope), desiredControlPlane(scope));
  // `kubectl scale` and objects from before pass admission by.
  const alone = move.kind === 'add' && scope.controllers.length > 0 ? whyAlone(plane.spec.k0sConfigSpec) : undefined;
  return alone ? { kind: 'hold', because: alone } : move;
}

async function perform(scope: ControlPlaneScope, move: Move, signal: AbortSignal): Promise<Outcome> {
  const { found } = scope;
  switch (move.kind) {
    case 'settled':
      return (await updateWorkerInPlace(scope, signal)) ?? settled(scope);
    case 'hold':
      found.hold ??= move.because; // why a joiner cannot join says more
      return lookAgain(holdMs(scope), found.hold);
    case 'add':
      return add(scope, move, signal);
    case 'remove':
      return remove(scope, move, signal);
    case 'leave':
      await leaveEtcd(scope, move, signal);
      return letGo(scope, move.name, signal);
    case 'evict':
      await evictMember(scope, move, signal);
      return lookAgain(1000, 'a member that no machine runs was removed from etcd');
    case 'release':
      return letGo(scope, move.name, signal);
    case 'update':
      return updateInPlace(scope, move, signal);
    default:
      return assertNever(move);
  }
}

async function settled(scope: ControlPlaneScope): Promise<Outcome> {
  // A remediation that no machine was made for, since fewer are wanted.
  if (scope.plane.metadata.annotations?.[annotations.remediationInProgress] !== undefined)
    await scope.run.annotate({ [annotations.remediationInProgress]: null });
  const what = loose(scope);
  if (what) return lookAgain(holdMs(scope), what);
  const rarely = scope.memory.look?.watched === true && scope.found.configNotTaken !== true;
  const afterMs = Math.min(rarely ? watchedLookMs : settledLookMs, untilRolloutMs(scope));
  return lookAgain(afterMs, 'controllers are looked at now and then');
}

/** Until `spec.rollout.after`, while that lies ahead. */
function untilRolloutMs({ plane, run }: ControlPlaneScope): number {
  const ms = Date.parse(plane.spec.rollout?.after ?? '') - run.clock.now().getTime();
  return ms > 0 ? ms : Infinity;
}

/** What is still to come although no machine is to be made or to go. */
function loose(scope: ControlPlaneScope): string | undefined {
  const { endpoint, awaitsConfig } = scope.found;
  // k0s makes its ClusterConfig soon after its first start, or not at all.
  return (
    endpoint?.problem ?? (awaitsConfig && sinceChangeMs(scope) < 5 * 60_000 ? 'the ClusterConfig of k0s' : undefined)
  );
}

/** Controllers that start are looked at often; a long wait is somebody's problem to solve and is looked at less. */
function holdMs(scope: ControlPlaneScope): number {
  const sinceMs = sinceChangeMs(scope);
  if (sinceMs < 3 * 60_000) return 500;
  return sinceMs < 10 * 60_000 ? 2000 : 10_000;
}

/** How long ago the last controller came or began to go. */
function sinceChangeMs({ controllers, run }: ControlPlaneScope): number {
  const changes = controllers.map(({ machine: { metadata } }) =>
    Date.parse(metadata.deletionTimestamp ?? metadata.creationTimestamp),
  );
  return run.clock.now().getTime() - Math.max(...changes, 0);
}

async function add(
  scope: ControlPlaneScope,
  move: Extract<Move, { kind: 'add' }>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { run, controllers } = scope;
  const begins = !isInitialized(scope) && controllers.every(({ machine }) => isDeleting(machine));
  await createController(scope, move, { begins }, signal);
  await run.annotate(noted(move.ordinal));
  return waitingOn(`Machine ${move.name}`);
}

/** What is written down once a machine is there: its number is used, and it carries the remediation that it was made for. */
const noted = (ordinal: number): Readonly<Record<string, string | null>> => ({
  [nextMachineAnnotation]: String(ordinal + 1),
  [annotations.remediationInProgress]: null,
});

/** A life may have ended between making a machine and writing it down; its name would be used again once it is gone. */
async function noteAddition({ run, plane, controllers }: ControlPlaneScope): Promise<boolean> {
  const ordinal = counterOf(plane);
  const next = machineName({ controlPlane: plane.metadata.name, uid: plane.metadata.uid }, ordinal);
  if (!controllers.some(({ name }) => name === next)) return false;
  await run.annotate(noted(ordinal));
  return true;
}

async function remove(
  scope: ControlPlaneScope,
  { name, because, remediation }: Extract<Move, { kind: 'remove' }>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { run, controllers } = scope;
  const uid = controllers.find((controller) => controller.name === name)?.machine.metadata.uid;
  // First the record: a remediation that is only counted does less harm than one that is not.
  if (remediation) await run.annotate({ [annotations.remediationInProgress]: JSON.stringify(remediation) });
  await run.kube.remove(Machine, { namespace: run.key.namespace, name }, { uid }, signal);
  run.event(remediation ? 'Warning' : 'Normal', 'ControllerRemoved', `Machine ${name} goes: ${because}`);
  return waitingOn(`Machine ${name} to go`);
}

/** The hook goes last: whoever dies before that comes back here, since one with a hook and without a member is released. */
async function letGo(scope: ControlPlaneScope, name: string, signal: AbortSignal): Promise<Outcome> {
  const { run, plane, audit, controllers } = scope;
  const replicas = controllers.filter(({ machine }) => !isDeleting(machine)).length;
  const fact = controllerRemoved(factObject(plane), { machine: name, replicas }, run.clock.now());
  await audit.around(run.kube, { fact, run: () => forgetInWorkload(scope, name, signal) }, signal);
  await dropHook(scope, name, signal);
  return waitingOn(`Machine ${name} to go`);
}

async function dropHook({ run, controllers }: ControlPlaneScope, name: string, signal: AbortSignal): Promise<void> {
  const machine = controllers.find((controller) => controller.name === name)?.machine;
  if (!machine) return;
  const body = { metadata: { uid: machine.metadata.uid, annotations: { [annotations.preTerminateHook]: null } } };
  const key = { namespace: run.key.namespace, name };
  const stored = await run.kube.patch(Machine, key, { type: 'merge', body }, { fieldManager }, signal);
  run.expectWritten(stored);
}
