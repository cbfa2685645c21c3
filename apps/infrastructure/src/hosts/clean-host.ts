import type { RemoteMachine } from '@k0smotron/api';
import { proveClean, type HostEpoch, type HostJob } from '@k0smotron/provision';
import type { CleanUpRecord } from './clean-up-record.ts';
import { HostFailureError } from './host-failure.ts';
import { placeOf, type OpenHost } from './open-host.ts';
import { renderHostCleanUp } from './render-clean-up.ts';
import { runOnHost, type HostTools } from './run-on-host.ts';
import type { SshKey } from './ssh-key.ts';

/** One host to be cleaned. */
export interface CleanTask extends HostTools {
  readonly machine: RemoteMachine;
  readonly key: SshKey;
  readonly record: CleanUpRecord;
  /** True when all machines of the cluster go. */
  readonly clusterGoes: boolean;
  readonly epoch: HostEpoch;
}

/**
 * Cleans a host through the same journal as the bootstrap, so that a crash in between resumes; a bootstrap that still runs is
 * stopped first. Then it looks whether anything stayed. The journal goes last.
 */
export async function cleanHost(
  { record, clusterGoes, epoch, ...task }: CleanTask,
  say: (doing: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { plan, verify } = renderHostCleanUp(record, { clusterGoes });
  const journal = { machineUid: record.journal, epoch, purpose: 'clean-up' } as const;
  const conclude = (host: OpenHost, job: HostJob, until: AbortSignal): Promise<void> =>
    requireClean({ host, job, verify, place: placeOf(task.machine) }, until);
  await runOnHost({ ...task, plan, journal, conclude }, say, signal);
}

interface Proving {
  readonly host: OpenHost;
  readonly job: HostJob;
  readonly verify: string;
  readonly place: string;
}

const shownLeftovers = 5;

async function requireClean({ host, job, verify, place }: Proving, signal: AbortSignal): Promise<void> {
  const left = await proveClean(host.session, { job, verify }, { sudo: host.sudo }, signal);
  if (left.length === 0) return;
  const shown = left.slice(0, shownLeftovers).map(({ kind, what }) => `${kind} ${what}`);
  const more = left.length > shown.length ? ` and ${left.length - shown.length} more` : '';
  throw new HostFailureError({ reason: 'HostNotClean', message: `${place}: still there: ${shown.join(', ')}${more}` });
}
