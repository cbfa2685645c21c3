import { annotations, conditionTypes, finalizers, Machine } from '@k0smotron/api';
import { done, isDeleting, waitingOn, type Outcome } from '@k0smotron/core';
import { NotFoundError } from '@k0smotron/kube';
import type { Step } from '@k0smotron/runtime';
import { fieldManager } from '../../../names.ts';
import type { ControlPlaneScope } from '../scope.ts';

/** Workers first, then all controllers at once without leaving etcd, the finalizer last (CP-29). */
export const tearDown: Step<ControlPlaneScope> = {
  name: 'tear down',

  async run(scope, signal) {
    const { run, plane, controllers, workers, hosts, memory, memories } = scope;
    if (workers.length > 0) {
      return deleting(scope, 'WaitingForWorkersDeletion', `worker Machines to go: ${names(workers)}`);
    }
    await Promise.all(controllers.map(({ machine }) => removeMachine(scope, machine, signal)));
    if (controllers.length > 0) {
      const machines = controllers.map(({ machine }) => machine);
      return deleting(scope, 'WaitingForControlPlaneMachines', `Machines to go: ${names(machines)}`);
    }
    await Promise.all([...memory.hosts].map((uid) => hosts.forget(uid)));
    memories.forget(plane.metadata.uid);
    await run.releaseFinalizer(finalizers.k0sControlPlane);
    return done;
  },
};

async function removeMachine({ run }: ControlPlaneScope, machine: Machine, signal: AbortSignal): Promise<void> {
  const key = { namespace: machine.metadata.namespace, name: machine.metadata.name };
  const { uid } = machine.metadata;
  if (machine.metadata.annotations?.[annotations.preTerminateHook] !== undefined) {
    const body = { metadata: { uid, annotations: { [annotations.preTerminateHook]: null } } };
    await run.kube.patch(Machine, key, { type: 'merge', body }, { fieldManager }, signal).catch(unlessGone);
  }
  if (!isDeleting(machine)) await run.kube.remove(Machine, key, { uid }, signal);
}

function unlessGone(cause: unknown): void {
  if (!(cause instanceof NotFoundError)) throw cause;
}

function deleting({ run }: ControlPlaneScope, reason: string, what: string): Outcome {
  run.report({ type: conditionTypes.deleting, status: 'True', reason, message: `Waiting for ${what}` });
  return waitingOn(what);
}

/** At most five, in a fixed order (C-03). */
function names(machines: readonly Machine[]): string {
  const all = machines.map(({ metadata }) => metadata.name).sort();
  return all.slice(0, 5).join(', ') + (all.length > 5 ? ` and ${all.length - 5} more` : '');
}
