import { callJournal, type CommandRunner, type HostJobOptions, type Said } from './journal-caller.ts';
import type { HostStep } from './host-step.ts';
import type { HostJob } from './journal.ts';
import type { HostJobState } from './progress.ts';

/** How a job ended. */
export interface HostJobResult {
  readonly ok: boolean;
  /** The step that failed. */
  readonly step?: HostStep;
  readonly exitCode?: number;
  /** The end of the failed step's output, at most 40 lines; not redacted. */
  readonly lastLines: readonly string[];
  /** True when the host had finished this purpose before, maybe with other data, and nothing was run now. */
  readonly alreadyDone: boolean;
}

/** How often a job whose runner died (out of memory, reboot in between) is resumed within one call. */
const maxResumes = 3;

/**
 * Brings a job to its end: resumes what was begun, follows what runs, starts what is absent or failed. Safe to repeat after any
 * failure, and aborting only stops watching ({@link cancelHostJob} stops the work). A clean-up stops a bootstrap that still runs.
 *
 * @throws HostJobCutError, HostSilentError, SupersededError, HostBusyError, HostJournalError; Error when its work is interrupted
 *   again and again.
 */
export async function runHostJob(
  session: CommandRunner,
  job: HostJob,
  options: HostJobOptions,
  signal?: AbortSignal,
): Promise<HostJobResult> {
  for (let resumes = 0; resumes <= maxResumes; resumes += 1) {
    const driven = await callJournal(session, job.drive, options, signal);
    if (stateOf(driven)?.state === 'done') return { ok: true, lastLines: [], alreadyDone: resumes === 0 };
    const followed = driven.some(({ kind }) => kind === 'end');
    const said = followed ? driven : await callJournal(session, { command: job.follow }, options, signal);
    const end = said.findLast((it) => it.kind === 'end');
    const lastLines = said.flatMap((it) => (it.kind === 'last' ? [it.line] : []));
    if (end?.state === 'done') return { ok: true, lastLines, alreadyDone: false };
    if (end?.state === 'failed') {
      const step = job.steps.find(({ number }) => number === end.step);
      return { ok: false, ...(step ? { step } : {}), exitCode: end.exitCode, lastLines, alreadyDone: false };
    }
    if (end?.state === 'cancelled') return { ok: false, lastLines, alreadyDone: false };
  }
  throw new Error(
    `the job on the host was interrupted ${maxResumes + 1} times; look at memory and reboots of the host`,
  );
}

/** Where the journal on the host stands; reads only. */
export async function observeHostJob(
  session: CommandRunner,
  job: HostJob,
  options: HostJobOptions,
  signal?: AbortSignal,
): Promise<{ readonly state: HostJobState; readonly planHash: string; readonly purpose: string }> {
  const state = stateOf(await callJournal(session, { command: job.status }, options, signal));
  if (!state) throw new Error('the host gave no state of its journal');
  return { state: state.state, planHash: state.planHash, purpose: state.purpose };
}

/** Stops the work and waits until its processes are gone. What was done stays recorded. */
export async function cancelHostJob(
  session: CommandRunner,
  job: HostJob,
  options: HostJobOptions,
  signal?: AbortSignal,
): Promise<void> {
  await callJournal(session, { command: job.cancel }, options, signal);
}

/** Deletes the journal from the host; the last thing after a clean-up. */
export async function forgetHostJob(
  session: CommandRunner,
  job: HostJob,
  options: HostJobOptions,
  signal?: AbortSignal,
): Promise<void> {
  await callJournal(session, { command: job.forget }, options, signal);
}

const stateOf = (said: readonly Said[]) => said.find((it) => it.kind === 'state');
