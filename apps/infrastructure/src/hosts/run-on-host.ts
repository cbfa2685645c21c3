import type { KubeClient } from '@k0smotron/kube';
import type { RemoteMachine } from '@k0smotron/api';
import { redactText } from '@k0smotron/telemetry';
import { forgetHostJob, HostJobCutError, renderJournal, runHostJob, type BootstrapPlan, type HostJob, type HostJobResult, type JournalOptions } from '@k0smotron/provision';
import { HostFailureError } from './host-failure.ts';
import { openHost, type OpenHost } from './open-host.ts';
import type { SshKey } from './ssh-key.ts';

/** One plan for one host. */
export interface HostTask {
  readonly kube: KubeClient;
  readonly machine: RemoteMachine;
  readonly key: SshKey;
  readonly plan: BootstrapPlan;
  readonly journal: JournalOptions;
  /** Takes the journal itself off the host at the end. */
  readonly forget?: boolean;
}

/** A connection that breaks costs nothing: the host goes on by itself, so we come back at once, this often. */
const reconnects = 5;

/** Brings a plan to its end on a host, through whatever connections break. Shared by bootstrap and clean-up. */
export async function runOnHost(task: HostTask, say: (doing: string) => void, signal: AbortSignal): Promise<void> {
  const job = renderJournal(task.plan, task.journal);
  const address = task.machine.spec.address ?? '';
  for (let attempt = 0; ; attempt += 1) {
    say(`connecting to ${address}`);
    const host = await openHost(task.kube, task.machine, task.key, signal);
    try {
      const result = await follow(host, job, (doing) => say(`${doing} on ${address}`), signal);
      if (!result.ok) throw new HostFailureError(scriptFailure(result, address));
      if (task.forget) await forgetHostJob(host.session, job, { sudo: host.sudo }, signal);
      return;
    } catch (cause) {
      if (!(cause instanceof HostJobCutError) || attempt >= reconnects) throw cause;
    } finally {
      host.session.close();
    }
  }
}

function follow(
  { session, sudo }: OpenHost,
  job: HostJob,
  say: (doing: string) => void,
  signal: AbortSignal,
): Promise<HostJobResult> {
  const total = job.steps.length;
  return runHostJob(
    session,
    job,
    {
      sudo,
      onProgress: (progress) => {
        if (progress.kind !== 'step' || progress.state !== 'running') return;
        say(`step ${progress.number} of ${total} (${job.steps[progress.number - 1]?.name ?? ''})`);
      },
    },
    signal,
  );
}

const shownLines = 8;

function scriptFailure({ step, exitCode, lastLines }: HostJobResult, address: string) {
  const what = step ? `step ${step.number} (${step.name})` : 'the script';
  const output = lastLines.slice(-shownLines).map((line) => redactText(line).slice(0, 300)).join('\n');
  return {
    reason: 'ProvisionFailed',
    message: `${address}: ${what} ended with exit code ${exitCode ?? 'none'}${output ? `; last output:\n${output}` : ''}`,
    ...(step ? { step: step.name } : {}),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}
