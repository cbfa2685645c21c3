import { annotations, type PooledRemoteMachine, RemoteMachine } from '@k0smotron/api';
import type { Run } from '@k0smotron/runtime';
import { missingHostMetadata } from '../../../hosts/host-metadata.ts';
import { fieldManager } from '../../../names.ts';

/** Writes the host's connection into the RemoteMachine, as the original does: whoever reads it need not know of pools. */
export async function recordHost(
  run: Run<RemoteMachine>,
  host: PooledRemoteMachine,
  signal: AbortSignal,
): Promise<void> {
  const { metadata } = run.object;
  const { address, port, user, sshKeyRef, useSudo, commandsAsScript, workingDir, cleanUpCommands } = host.spec.machine;
  const stored = await run.kube.patch(
    RemoteMachine,
    run.key,
    {
      type: 'merge',
      body: {
        metadata: {
          uid: metadata.uid,
          labels: missingHostMetadata(host.metadata.labels, metadata.labels),
          annotations: {
            ...missingHostMetadata(host.metadata.annotations, metadata.annotations),
            [annotations.pooledMachine]: host.metadata.name,
          },
        },
        spec: { address, port, user, sshKeyRef, useSudo, commandsAsScript, workingDir, cleanUpCommands },
      },
    },
    { fieldManager },
    signal,
  );
  run.expectWritten(stored);
}
