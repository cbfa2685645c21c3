import { annotations, labels, PooledRemoteMachine, type RemoteMachine } from '@k0smotron/api';
import { ConflictError, NotFoundError } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';
import { fieldManager } from '../names.ts';

/** Tries the hosts in order until one is ours; nobody else's write is ever overwritten (SR-1). */
export async function reserveHost(
  run: Run<RemoteMachine>,
  candidates: readonly PooledRemoteMachine[],
  signal: AbortSignal,
): Promise<PooledRemoteMachine | undefined> {
  for (const { metadata } of candidates) {
    const { namespace, name, uid, resourceVersion } = metadata;
    const reservation = {
      uid,
      resourceVersion,
      annotations: { [annotations.reservedBy]: run.key.name },
      labels: { [labels.move]: '' },
    };
    try {
      const body = { metadata: reservation };
      const key = { namespace, name };
      const reserved = await run.kube.patch(
        PooledRemoteMachine,
        key,
        { type: 'merge', body },
        { fieldManager },
        signal,
      );
      run.expectWritten(reserved);
      return reserved;
    } catch (cause) {
      if (!(cause instanceof ConflictError || cause instanceof NotFoundError)) throw cause;
    }
  }
  return undefined;
}
