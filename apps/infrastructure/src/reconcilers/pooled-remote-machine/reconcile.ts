import { annotations, finalizers, type PooledRemoteMachine } from '@k0smotron/api';
import { done, isDeleting, waitingOn, type Outcome } from '@k0smotron/core';
import { observePaused, type Run } from '@k0smotron/runtime';
import { holderOf, stateOf } from '../../hosts/pool.ts';
import { ensureMovable } from './ensure-movable.ts';

/** The finalizer stays while a machine holds the host: deleting it under a living machine would lose its way back. */
export async function reconcilePooledRemoteMachine(
  run: Run<PooledRemoteMachine>,
  signal: AbortSignal,
): Promise<Outcome> {
  const host = run.object;
  const paused = observePaused(run, undefined); // it belongs to no Cluster
  if (paused.kind !== 'done') return paused;
  const holder = holderOf(host);

  if (holder === undefined && isDeleting(host)) {
    await run.releaseFinalizer(finalizers.pooledRemoteMachine);
    return done;
  }
  if (!isDeleting(host)) {
    await run.ensureFinalizer(finalizers.pooledRemoteMachine);
    await ensureMovable(run, signal);
  }

  run.status.reserved = holder !== undefined;
  if (holder === undefined) delete run.status.machineRef;
  else run.status.machineRef = { name: holder, namespace: run.key.namespace ?? '' };
  reportAvailable(run, holder);
  return isDeleting(host) ? waitingOn(`RemoteMachine ${holder} to give the host back`) : done;
}

function reportAvailable(run: Run<PooledRemoteMachine>, holder: string | undefined): void {
  const state = stateOf(run.object);
  if (state === 'Free') {
    run.report({ type: 'Available', status: 'True', reason: 'Free', message: '' });
    return;
  }
  const why = run.object.metadata.annotations?.[annotations.dirty] ?? '';
  const message =
    state === 'Reserved'
      ? `RemoteMachine ${holder} uses the host`
      : `${why}. Clean the host and remove the annotation ${annotations.dirty}`;
  run.report({ type: 'Available', status: 'False', reason: state, message });
}
