import { annotations, finalizers, PooledRemoteMachine } from '@k0smotron/api';
import { done } from '@k0smotron/core';
import { factObject, machineReleased } from '@k0smotron/events';
import type { Step } from '@k0smotron/runtime';
import { releaseCleanUp } from '../../../hosts/clean-up-secret.ts';
import { releaseSshKey } from '../../../hosts/hold-ssh-key.ts';
import { holderOf } from '../../../hosts/pool.ts';
import { fieldManager } from '../../../names.ts';
import { workId, type RemoteMachineScope } from '../scope.ts';

/** Gives the host back, lets the Secrets go, then the machine itself; in this order, so that a crash repeats it. */
export const ensureHostReleased: Step<RemoteMachineScope> = {
  name: 'ensure host released',

  async run(scope, signal) {
    const { run, remote, audit, work, prepared, found } = scope;
    const host = run.caches
      .of(PooledRemoteMachine)
      .list(remote.metadata.namespace)
      .find((pooled) => holderOf(pooled) === remote.metadata.name);
    const clean = found.leftDirty === undefined;
    const details = { clean, ...(host ? { host: { name: host.metadata.name, uid: host.metadata.uid } } : {}) };
    const fact = machineReleased(factObject(remote), details, run.clock.now());
    const release = async (): Promise<void> => {
      if (host) await giveBack(scope, host, signal);
      await releaseSshKey(run.kube, remote, signal);
    };
    await audit.around(run.kube, { fact, run: release }, signal);
    await releaseCleanUp(run.kube, remote, signal);
    await run.releaseFinalizer(finalizers.remoteMachine);
    await work.cancel(workId(remote, 'clean-up')); // it has ended; only the memory of it goes
    prepared.delete(remote.metadata.uid ?? '');
    return done;
  },
};

/** A host that could not be cleaned is marked Dirty in the same write that frees it: nobody can take it in between. */
async function giveBack(
  { run, remote, found }: RemoteMachineScope,
  { metadata }: PooledRemoteMachine,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name, uid, resourceVersion } = metadata;
  const dirty = found.leftDirty ? { [annotations.dirty]: `${remote.metadata.name}: ${found.leftDirty}` } : {};
  const body = { metadata: { uid, resourceVersion, annotations: { [annotations.reservedBy]: null, ...dirty } } };
  await run.kube.patch(PooledRemoteMachine, { namespace, name }, { type: 'merge', body }, { fieldManager }, signal);
}
