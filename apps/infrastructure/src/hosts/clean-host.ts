import type { RemoteMachine } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import {
  cancelHostJob,
  forgetHostJob,
  observeHostJob,
  parseLeftovers,
  type HostEpoch,
  type HostJob,
} from '@k0smotron/provision';
import type { CleanUpRecord } from './clean-up-record.ts';
import { HostFailureError } from './host-failure.ts';
import type { IdleSessions } from './idle-sessions.ts';
import { placeOf, type OpenHost } from './open-host.ts';
import { renderHostCleanUp } from './render-clean-up.ts';
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

/**
 * Cleans a host through the same journal as the bootstrap, so that a crash in between resumes; then looks whether anything
 * stayed. The journal goes last.
 */
export async function cleanHost(
  { record, epoch, ...task }: CleanTask,
  say: (doing: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { plan, verify } = renderHostCleanUp(record);
  const journal = { machineUid: record.journal, epoch, purpose: 'clean-up' } as const;
  const conclude = (host: OpenHost, job: HostJob, until: AbortSignal): Promise<void> =>
    proveClean({ host, job, verify, place: placeOf(task.machine) }, until);
  await runOnHost({ ...task, plan, journal, prepare: stopBootstrap, conclude }, say, signal);
}

/** A bootstrap that still runs would put back what we take away. Our own clean-up, begun before a restart, goes on. */
async function stopBootstrap({ session, sudo }: OpenHost, job: HostJob, signal: AbortSignal): Promise<void> {
  const { state, purpose } = await observeHostJob(session, job, { sudo }, signal);
  const mayRun = state === 'running' || state === 'interrupted';
  if (purpose === 'bootstrap' && mayRun) await cancelHostJob(session, job, { sudo }, signal);
}

interface Proving {
  readonly host: OpenHost;
  readonly job: HostJob;
  readonly verify: string;
  readonly place: string;
}

const lookMs = 60_000;
const shownLeftovers = 5;

/** The journal goes in both cases: a host that is not clean is cleaned once more by the next try, not only looked at. */
async function proveClean({ host, job, verify, place }: Proving, signal: AbortSignal): Promise<void> {
  const { session, sudo } = host;
  const { code, stdout, stderr } = await session.run(verify, { sudo, timeoutMs: lookMs }, signal);
  if (code !== 0) throw new Error(`${place}: looking what is left failed (exit ${code}): ${stderr.trim().slice(-300)}`);
  const left = parseLeftovers(stdout);
  await forgetHostJob(session, job, { sudo }, signal);
  if (left.length === 0) return;
  const shown = left.slice(0, shownLeftovers).map(({ kind, what }) => `${kind} ${what}`);
  const more = left.length > shown.length ? ` and ${left.length - shown.length} more` : '';
  throw new HostFailureError({ reason: 'HostNotClean', message: `${place}: still there: ${shown.join(', ')}${more}` });
}
