import { annotations, K0sControlPlane, Machine } from '@k0smotron/api';
import { assertNever, done, lookAgain, waitingOn, type Outcome } from '@k0smotron/core';
import { controlPlaneScaled, factObject } from '@k0smotron/events';
import { planControlPlane, type Move } from '@k0smotron/rollout';
import type { Step } from '@k0smotron/runtime';
import { leaveEtcd } from '../../../hosts/leave-etcd.ts';
import { createController } from '../../../machines/create-controller.ts';
import { observedControlPlane } from '../../../machines/observed.ts';
import { fieldManager, nextMachineAnnotation } from '../../../names.ts';
import { clusterOf, isInitialized, type ControlPlaneScope } from '../scope.ts';

/** Asks the planner for one move and makes it; everything that adds or removes a controller comes through here (CP-31). */
export const makeMove: Step<ControlPlaneScope> = {
  name: 'make move',

  run(scope, signal) {
    const { plane } = scope;
    const move = planControlPlane(observedControlPlane(scope), {
      controlPlane: plane.metadata.name,
      uid: plane.metadata.uid,
      replicas: plane.spec.replicas,
      strategy: plane.spec.updateStrategy,
      counter: counterOf(plane),
      failureDomains: clusterOf(scope).status?.failureDomains?.filter(({ controlPlane }) => controlPlane).map(({ name }) => name),
    });
    return perform(scope, move, signal);
  },
};

async function perform(scope: ControlPlaneScope, move: Move, signal: AbortSignal): Promise<Outcome> {
  const { found } = scope;
  switch (move.kind) {
    case 'settled':
      return lookAgain(60_000, 'controllers are looked at once a minute');
    case 'hold':
      found.hold ??= move.because; // why a joiner cannot join says more
      return lookAgain(holdMs(scope), found.hold);
    case 'add':
      return add(scope, move, signal);
    case 'remove':
      return remove(scope, move, signal);
    case 'leave':
      await leaveEtcd(scope, move, signal);
      await dropHook(scope, move.name, signal);
      await told(scope, 'removed', move.name);
      return waitingOn(`Machine ${move.name} to go`);
    case 'release':
      await dropHook(scope, move.name, signal);
      return waitingOn(`Machine ${move.name} to go`);
    case 'update':
      found.hold = `updates in place come with a later release: set updateStrategy Recreate to update ${move.names.join(', ')}`;
      return waitingOn(found.hold);
    default:
      return assertNever(move);
  }
}

/** Controllers that start are looked at often; a long wait is somebody's problem to solve and is looked at less. */
function holdMs({ controllers, run }: ControlPlaneScope): number {
  const youngest = Math.max(...controllers.map(({ machine }) => Date.parse(machine.metadata.creationTimestamp)), 0);
  return run.clock.now().getTime() - youngest < 10 * 60_000 ? 1000 : 10_000;
}

async function add(scope: ControlPlaneScope, move: Extract<Move, { kind: 'add' }>, signal: AbortSignal): Promise<Outcome> {
  const { run, plane, controllers } = scope;
  await createController(scope, move, { begins: controllers.length === 0 && !isInitialized(scope) }, signal);
  const stored = await run.kube.patch(
    K0sControlPlane,
    run.key,
    {
      type: 'merge',
      body: { metadata: { uid: plane.metadata.uid, annotations: { [nextMachineAnnotation]: String(move.ordinal + 1) } } },
    },
    { fieldManager },
    signal,
  );
  run.expectWritten(stored);
  await told(scope, 'added', move.name);
  return waitingOn(`Machine ${move.name}`);
}

async function remove(scope: ControlPlaneScope, { name, because }: Extract<Move, { kind: 'remove' }>, signal: AbortSignal): Promise<Outcome> {
  const { run, controllers } = scope;
  const uid = controllers.find((controller) => controller.name === name)?.machine.metadata.uid;
  await run.kube.remove(Machine, { namespace: run.key.namespace, name }, { uid }, signal);
  run.event('Normal', 'ControllerRemoved', `Machine ${name} goes: ${because}`);
  return waitingOn(`Machine ${name} to go`);
}

async function dropHook({ run, controllers }: ControlPlaneScope, name: string, signal: AbortSignal): Promise<void> {
  const machine = controllers.find((controller) => controller.name === name)?.machine;
  if (!machine) return;
  const body = { metadata: { uid: machine.metadata.uid, annotations: { [annotations.preTerminateHook]: null } } };
  await run.kube.patch(Machine, { namespace: run.key.namespace, name }, { type: 'merge', body }, { fieldManager }, signal);
}

const counterOf = ({ metadata }: K0sControlPlane): number => Number(metadata.annotations?.[nextMachineAnnotation] ?? 0);

async function told({ run, plane, bus, controllers }: ControlPlaneScope, change: 'added' | 'removed', machine: string): Promise<void> {
  const replicas = controllers.length + (change === 'added' ? 1 : -1);
  await bus.publish(controlPlaneScaled(factObject(plane), { change, machine, replicas }, run.clock.now()));
}
