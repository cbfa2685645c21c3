import type { RemoteMachine } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import type { HostEpoch } from '@k0smotron/provision';
import type { CleanUpRecord } from './clean-up-record.ts';
import { renderCleanUp } from './render-clean-up.ts';
import { runOnHost } from './run-on-host.ts';
import type { SshKey } from './ssh-key.ts';

/** One host to be cleaned. */
export interface CleanTask {
  readonly kube: KubeClient;
  readonly machine: RemoteMachine;
  readonly key: SshKey;
  readonly record: CleanUpRecord;
  readonly epoch: HostEpoch;
}

/** Cleans a host through the same journal as the bootstrap, so that a crash in between resumes; the journal goes last. */
export async function cleanHost({ kube, machine, key, record, epoch }: CleanTask, say: (doing: string) => void, signal: AbortSignal): Promise<void> {
  const journal = { machineUid: machine.metadata.uid, epoch, purpose: 'clean-up' } as const;
  await runOnHost({ kube, machine, key, plan: renderCleanUp(record), journal, forget: true }, say, signal);
}
