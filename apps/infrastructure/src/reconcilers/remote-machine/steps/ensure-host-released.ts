import { annotations, finalizers, PooledRemoteMachine, Secret } from '@k0smotron/api';
import { done } from '@k0smotron/core';
import { factObject, machineReleased } from '@k0smotron/events';
import type { Step } from '@k0smotron/runtime';
import { holderOf } from '../../../hosts/pool.ts';
import { fieldManager, sshKeyFinalizer } from '../../../names.ts';
import type { RemoteMachineScope } from '../scope.ts';

/** Gives the host back, lets the SSH Secret go, then the machine itself; in this order, so that a crash repeats it. */
export const ensureHostReleased: Step<RemoteMachineScope> = {
  name: 'ensure host released',

  async run(scope, signal) {
    const { run, remote, bus, found } = scope;
    const host = run.caches
      .of(PooledRemoteMachine)
      .list(remote.metadata.namespace)
      .find((pooled) => holderOf(pooled) === remote.metadata.name);
    if (host) await giveBack(scope, host, signal);
    await releaseSshKey(scope, signal);
    await bus.publish(
      machineReleased(
        factObject(remote),
        {
          clean: found.leftDirty === undefined,
          ...(host ? { host: { name: host.metadata.name, uid: host.metadata.uid } } : {}),
        },
        run.clock.now(),
      ),
    );
    await run.releaseFinalizer(finalizers.remoteMachine);
    return done;
  },
};

/** A host that could not be cleaned is marked Dirty in the same write that frees it: nobody can take it in between. */
async function giveBack({ run, remote, found }: RemoteMachineScope, host: PooledRemoteMachine, signal: AbortSignal): Promise<void> {
  await run.kube.patch(
    PooledRemoteMachine,
    { namespace: host.metadata.namespace, name: host.metadata.name },
    {
      type: 'merge',
      body: {
        metadata: {
          uid: host.metadata.uid,
          resourceVersion: host.metadata.resourceVersion,
          annotations: {
            [annotations.reservedBy]: null,
            ...(found.leftDirty ? { [annotations.dirty]: `${remote.metadata.name}: ${found.leftDirty}` } : {}),
          },
        },
      },
    },
    { fieldManager },
    signal,
  );
}

async function releaseSshKey({ run, remote }: RemoteMachineScope, signal: AbortSignal): Promise<void> {
  const name = remote.spec.sshKeyRef?.name;
  if (!name) return;
  const key = { namespace: remote.metadata.namespace, name };
  const secret = await run.kube.get(Secret, key, signal);
  const ours = sshKeyFinalizer(remote.metadata.uid);
  if (!secret?.metadata.finalizers?.includes(ours)) return;
  const { uid, resourceVersion, finalizers: all } = secret.metadata;
  await run.kube.patch(
    Secret,
    key,
    { type: 'merge', body: { metadata: { uid, resourceVersion, finalizers: all.filter((it) => it !== ours) } } },
    { fieldManager },
    signal,
  );
}
