import type { RemoteMachine } from '@k0smotron/api';
import type { Audit } from '@k0smotron/audit';
import { rfc3339, type Clock } from '@k0smotron/core';
import { factObject, remoteCommandRun, type Fact } from '@k0smotron/events';
import type { KubeClient } from '@k0smotron/kube';
import { ConnectError } from '@k0smotron/ssh';
import { redactText } from '@k0smotron/telemetry';
import {
  HostJobCutError,
  renderJournal,
  runHostJob,
  type BootstrapPlan,
  type HostJob,
  type HostJobResult,
  type JournalOptions,
} from '@k0smotron/provision';
import { HostFailureError, type HostFailure } from './host-failure.ts';
import type { IdleSessions } from './idle-sessions.ts';
import { openHost, placeOf, type OpenHost } from './open-host.ts';
import { connectionId, type SshKey } from './ssh-key.ts';

/** What all work on hosts needs of its process. */
export interface HostTools {
  readonly kube: KubeClient;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly sessions: IdleSessions;
}

/** One plan for one host. */
export interface HostTask extends HostTools {
  readonly machine: RemoteMachine;
  readonly key: SshKey;
  readonly plan: BootstrapPlan;
  readonly journal: JournalOptions;
  /** Done on the connection on which the plan came to its end. */
  readonly conclude?: (host: OpenHost, job: HostJob, signal: AbortSignal) => Promise<void>;
}

/** A connection that breaks costs nothing: the host goes on by itself, so we come back at once, this often. */
const reconnects = 5;

/** Brings a plan to its end on a host, through whatever connections break. Shared by bootstrap and clean-up. */
export async function runOnHost(task: HostTask, say: (doing: string) => void, signal: AbortSignal): Promise<void> {
  const { kube, machine, key, sessions } = task;
  const job = renderJournal(task.plan, task.journal);
  for (let attempt = 0; ; attempt += 1) {
    say(`connecting to ${machine.spec.address}`);
    const host = sessions.take(connectionId(machine, key)) ?? (await openHost(kube, machine, key, signal));
    try {
      return await workOn(task, { host, job, say }, signal);
    } catch (cause) {
      const broken = cause instanceof HostJobCutError || cause instanceof ConnectError;
      if (!broken || attempt >= reconnects) throw cause;
    } finally {
      host.session.close();
    }
  }
}

interface Working {
  readonly host: OpenHost;
  readonly job: HostJob;
  readonly say: (doing: string) => void;
}

async function workOn(task: HostTask, working: Working, signal: AbortSignal): Promise<void> {
  const { machine, conclude, audit, kube } = task;
  const { host, job, say } = working;
  const { address = '' } = machine.spec;
  const run = () => follow({ host, job, say: (doing) => say(`${doing} on ${address}`) }, signal);
  const tell = (result: HostJobResult) => factOf(task, job, result);
  const result = await audit.around(kube, { fact: factOf(task, job), run, tell }, signal);
  if (!result.ok) throw new HostFailureError(scriptFailure(result, placeOf(machine)));
  await conclude?.(host, job, signal);
}

/** A job succeeds once, whoever asks how often; each of its failures is a fact of its own. */
function factOf({ machine, journal, clock }: HostTask, { planHash }: HostJob, result?: HostJobResult): Fact {
  const now = clock.now();
  const job = result && !result.ok ? `${planHash.slice(0, 16)}@${rfc3339(now)}` : planHash.slice(0, 16);
  const exitCode = result?.ok ? 0 : result?.exitCode;
  const details = { purpose: journal.purpose ?? ('bootstrap' as const), address: machine.spec.address ?? '', job };
  return remoteCommandRun(factObject(machine), { ...details, ...(exitCode !== undefined && { exitCode }) }, now);
}

function follow({ host, job, say }: Working, signal: AbortSignal): Promise<HostJobResult> {
  const total = job.steps.length;
  return runHostJob(
    host.session,
    job,
    {
      sudo: host.sudo,
      onProgress: (progress) => {
        if (progress.kind !== 'step' || progress.state !== 'running') return;
        say(`step ${progress.number} of ${total} (${job.steps[progress.number - 1]?.name ?? ''})`);
      },
    },
    signal,
  );
}

const shownLines = 8;
const shownCharacters = 300;

/** What a user reads of a script that failed: the step, its exit code, the last lines, redacted as a whole. */
export function scriptFailure({ step, exitCode, lastLines }: HostJobResult, place: string): HostFailure {
  const what = step ? `step ${step.number} (${step.name})` : 'the script';
  const output = redactText(lastLines.join('\n')) // before it is cut: a secret may span lines
    .split('\n')
    .slice(-shownLines)
    .map((line) => line.slice(0, shownCharacters))
    .join('\n');
  const how = exitCode === undefined ? 'was stopped' : `ended with exit code ${exitCode}`;
  return {
    reason: 'ProvisionFailed',
    message: `${place}: ${what} ${how}${output ? `; last output:\n${output}` : ''}`,
    ...(step ? { step: step.name } : {}),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}
