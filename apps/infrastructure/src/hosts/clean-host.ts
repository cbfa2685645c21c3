import type { RemoteMachine } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import { cancelHostJob, observeHostJob, type HostEpoch, type HostJob } from '@k0smotron/provision';
import type { CleanUpRecord } from './clean-up-record.ts';
import type { IdleSessions } from './idle-sessions.ts';
import type { OpenHost } from './open-host.ts';
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
  readonly sessions: IdleSessions;
}

/** Cleans a host through the same journal as the bootstrap, so that a crash in between resumes; the journal goes last. */
export async function cleanHost(
  { record, epoch, ...task }: CleanTask,
  say: (doing: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const journal = { machineUid: record.journal, epoch, purpose: 'clean-up' } as const;
  await runOnHost({ ...task, plan: renderCleanUp(record), journal, prepare: stopBootstrap, forget: true }, say, signal);
}

/** A bootstrap that still runs would put back what we take away. Our own clean-up, begun before a restart, goes on. */
async function stopBootstrap({ session, sudo }: OpenHost, job: HostJob, signal: AbortSignal): Promise<void> {
  const { state, purpose } = await observeHostJob(session, job, { sudo }, signal);
  const mayRun = state === 'running' || state === 'interrupted';
  if (purpose === 'bootstrap' && mayRun) await cancelHostJob(session, job, { sudo }, signal);
}
