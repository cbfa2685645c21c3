import { annotations, finalizers, Machine } from '@k0smotron/api';
import { done, isDeleting, waitingOn, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { fieldManager } from '../../../names.ts';
import type { ControlPlaneScope } from '../scope.ts';

/** Workers first, then all controllers at once without leaving etcd, the finalizer last (CP-29). */
export const tearDown: Step<ControlPlaneScope> = {
  name: 'tear down',

  async run(scope, signal) {
    const { run, controllers, workers, hosts } = scope;
    if (workers.length > 0) {
      return deleting(scope, 'WaitingForWorkersDeletion', `${workers.length} worker Machines to go: ${names(workers)}`);
    }
    for (const { machine } of controllers) await removeMachine(scope, machine, signal);
    if (controllers.length > 0) {
      return deleting(scope, 'WaitingForControlPlaneMachines', `Machines to go: ${names(controllers.map(({ machine }) => machine))}`);
    }
    await Promise.all(controllers.map(({ remote }) => remote && hosts.forget(remote.metadata.uid)));
    await run.releaseFinalizer(finalizers.k0sControlPlane);
    return done;
  },
};

async function removeMachine({ run }: ControlPlaneScope, machine: Machine, signal: AbortSignal): Promise<void> {
  const key = { namespace: machine.metadata.namespace, name: machine.metadata.name };
  const { uid } = machine.metadata;
  if (machine.metadata.annotations?.[annotations.preTerminateHook] !== undefined) {
    const body = { metadata: { uid, annotations: { [annotations.preTerminateHook]: null } } };
    await run.kube.patch(Machine, key, { type: 'merge', body }, { fieldManager }, signal);
  }
  if (!isDeleting(machine)) await run.kube.remove(Machine, key, { uid }, signal);
}

function deleting({ run }: ControlPlaneScope, reason: string, what: string): Outcome {
  run.report({ type: 'Deleting', status: 'True', reason, message: `Waiting for ${what}` });
  return waitingOn(what);
}

const names = (machines: readonly Machine[]): string =>
  machines
    .map(({ metadata }) => metadata.name)
    .sort()
    .slice(0, 5)
    .join(', ');
