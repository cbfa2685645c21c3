import { annotations, conditionTypes, reasons, type Machine } from '@k0smotron/api';
import { isDeleting } from '@k0smotron/core';
import {
  changeFor,
  isVoter,
  memberOf,
  type ControlPlaneMachine,
  type EtcdView,
  type MemberIdentity,
  type ObservedControlPlane,
} from '@k0smotron/rollout';
import type { Controller } from './controller.ts';
import { isInitialized, type ControlPlaneScope } from '../reconcilers/k0s-control-plane/scope.ts';
import { countsAsFailed, recordInProgress, recordOn } from './remediation.ts';
import { differencesOf } from './up-to-date.ts';

/** The control plane as the planner wants to see it. */
export function observedControlPlane(scope: ControlPlaneScope): ObservedControlPlane {
  const { seen, managesEtcd } = scope.found;
  if (!seen) throw new Error('the step needs the hosts to be observed first');
  const etcd = managesEtcd ? seen.etcd : 'unmanaged';
  return {
    machines: scope.controllers.map((controller) => machineOf(scope, controller, etcd)),
    etcd,
    initialized: isInitialized(scope),
    nowMs: scope.run.clock.now().getTime(),
    ...recordInProgress(scope.plane),
  };
}

function machineOf(
  scope: ControlPlaneScope,
  controller: Controller,
  etcd: EtcdView | 'unmanaged',
): ControlPlaneMachine {
  const { machine, remote, name } = controller;
  const problem = problemOf(scope, controller, etcd);
  return {
    name,
    createdAt: machine.metadata.creationTimestamp,
    addresses: [
      ...(remote?.spec.address ? [remote.spec.address] : []),
      ...(machine.status?.addresses ?? []).map(({ address }) => address),
    ],
    deleting: isDeleting(machine),
    awaitsHook: awaitsHook(machine),
    released: isReleased(machine),
    change: changeFor(differencesOf(controller, scope.plane, scope.run.clock.now())),
    ready: problem === undefined,
    ...(problem === undefined ? {} : { notReadyBecause: problem }),
    failed: countsAsFailed(machine, scope.plane, { ready: problem === undefined }),
    ...recordOn(machine),
    preferredVictim: machine.metadata.annotations?.[annotations.deleteMachine] !== undefined,
    ...(machine.spec.failureDomain ? { failureDomain: machine.spec.failureDomain } : {}),
  };
}

/** How the member of a controller is found: by name, else by address. */
export const identityOf = ({ name, remote }: Pick<Controller, 'name' | 'remote'>): MemberIdentity => ({
  name,
  addresses: remote?.spec.address ? [remote.spec.address] : [],
});

/** Why a controller does not count as ready; undefined when its API server answers and its member is a started voter. */
function problemOf(
  { found }: ControlPlaneScope,
  { name, machine, remote }: Controller,
  etcd: EtcdView | 'unmanaged',
): string | undefined {
  if (!remote) {
    // Not reached over SSH (SR-6): what core knows of the machine has to do.
    return machine.status?.initialization?.infrastructureProvisioned
      ? undefined
      : 'its infrastructure is not provisioned';
  }
  if (!remote.spec.providerID) return 'its bootstrap has not finished';
  const seen = found.seen?.byName.get(name);
  if (!seen?.apiReady) return seen?.problem ?? 'its API server was not looked at';
  return etcd === 'unmanaged' ? undefined : problemOfMember(etcd, { name, remote });
}

function problemOfMember(etcd: EtcdView, controller: Pick<Controller, 'name' | 'remote'>): string | undefined {
  const member = memberOf(etcd, identityOf(controller));
  if (!member) return etcd.unknown === undefined ? 'it is no member of etcd' : `etcd cannot be seen: ${etcd.unknown}`;
  if (!member.started) return 'its etcd member has not started';
  if (!isVoter(member)) return 'its etcd member is still a learner';
  return member.healthy === true ? undefined : 'its etcd member is not healthy';
}

/** It has left etcd: only its host is still being cleaned. */
export const isReleased = ({ metadata }: Machine): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.annotations?.[annotations.preTerminateHook] === undefined;

/** Drained, and waiting for pre-terminate hooks only (CP-28). */
const awaitsHook = ({ metadata, status }: Machine): boolean =>
  metadata.deletionTimestamp !== undefined &&
  metadata.annotations?.[annotations.preTerminateHook] !== undefined &&
  (status?.conditions?.some(
    ({ type, status: value, reason }) =>
      type === conditionTypes.deleting && value === 'True' && reason === reasons.waitingForPreTerminateHook,
  ) ??
    false);
