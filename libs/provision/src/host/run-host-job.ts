import type { HostJob, HostStep } from './journal.ts';
import { type HostJobProgress, type HostJobState, parseProgress } from './progress.ts';

/** The part of an SSH session that a job needs; `HostSession` of `@k0smotron/ssh` has this shape. */
export interface CommandRunner {
  run(
    command: string,
    options?: {
      readonly stdin?: string | Buffer;
      readonly sudo?: boolean;
      readonly timeoutMs?: number;
      readonly maxOutputBytes?: number;
      readonly onLine?: (line: string) => void;
    },
    signal?: AbortSignal,
  ): Promise<{ readonly code: number | undefined; readonly stdout: string; readonly stderr: string }>;
}

/** How a job is driven. */
export interface HostJobOptions {
  /** True when the session's user is not root. */
  readonly sudo: boolean;
  readonly onProgress?: (progress: HostJobProgress) => void;
}

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

/** The session ended in the middle. The host goes on by itself: connect again and call again. */
export class HostJobCutError extends Error {
  override readonly name = 'HostJobCutError';
}

/** The host has heard a later leader: stop all effects (SR-7). */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/** Another job runs on the host: wait for it, or cancel it first. */
export class HostBusyError extends Error {
  override readonly name = 'HostBusyError';
}

/** How often a job whose runner died (out of memory, reboot in between) is resumed within one call. */
const maxResumes = 3;
const shortMs = 120_000;

/**
 * Brings a job to its end: resumes what was begun, follows what runs, starts what is absent or failed. Safe to repeat after any
 * failure, and aborting only stops watching ({@link cancelHostJob} stops the work).
 *
 * @throws HostJobCutError, SupersededError, HostBusyError; Error when the host cannot keep a journal (disk, rights).
 */
export async function runHostJob(
  session: CommandRunner,
  job: HostJob,
  options: HostJobOptions,
  signal?: AbortSignal,
): Promise<HostJobResult> {
  const host = new JournalCaller(session, options, signal);
  for (let resumes = 0; resumes <= maxResumes; resumes += 1) {
    const { state: found } = await host.call(job.status);
    const ours = found?.planHash === job.planHash;
    if (found?.state === 'done' && (ours || found.purpose === job.purpose)) {
      return { ok: true, lastLines: [], alreadyDone: resumes === 0 };
    }
    if (!(ours && found?.state === 'running')) await host.call(job.upload.command, job.upload.stdin);
    await host.call(job.start);
    const { end, lastLines } = await host.follow(job.follow);
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
  const { state } = await new JournalCaller(session, options, signal).call(job.status);
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
  await new JournalCaller(session, options, signal).call(job.cancel);
}

/** Deletes the journal from the host; the last thing after a clean-up. */
export async function forgetHostJob(
  session: CommandRunner,
  job: HostJob,
  options: HostJobOptions,
  signal?: AbortSignal,
): Promise<void> {
  await new JournalCaller(session, options, signal).call(job.forget);
}

type StateLine = Extract<HostJobProgress, { kind: 'state' }>;
type EndLine = Extract<HostJobProgress, { kind: 'end' }>;

/** Runs journal commands and turns what the host says into results and errors. */
class JournalCaller {
  private readonly session: CommandRunner;
  private readonly options: HostJobOptions;
  private readonly signal: AbortSignal | undefined;

  constructor(session: CommandRunner, options: HostJobOptions, signal: AbortSignal | undefined) {
    this.session = session;
    this.options = options;
    this.signal = signal;
  }

  async call(command: string, stdin?: Buffer): Promise<{ readonly state?: StateLine }> {
    const { said } = await this.exec(command, { ...(stdin ? { stdin } : {}), timeoutMs: shortMs });
    const state = said.find((it) => it.kind === 'state');
    return state ? { state } : {};
  }

  async follow(command: string): Promise<{ readonly end?: EndLine; readonly lastLines: readonly string[] }> {
    const { said } = await this.exec(command, {});
    const end = said.find((it) => it.kind === 'end');
    return { ...(end ? { end } : {}), lastLines: said.flatMap((it) => (it.kind === 'last' ? [it.line] : [])) };
  }

  private async exec(
    command: string,
    options: { readonly stdin?: Buffer; readonly timeoutMs?: number },
  ): Promise<{ readonly said: readonly HostJobProgress[] }> {
    const said: HostJobProgress[] = [];
    const onLine = (line: string): void => {
      const progress = parseProgress(line);
      if (!progress) return;
      // Output passes through; keeping it would make memory of it.
      if (progress.kind !== 'output' && progress.kind !== 'step') said.push(progress);
      this.options.onProgress?.(progress);
    };
    const all = { ...options, sudo: this.options.sudo, maxOutputBytes: 8_192, onLine };
    const { code, stderr } = await this.session.run(command, all, this.signal);
    const refused = said.find((it) => it.kind === 'refused');
    if (refused) throw refusal(refused);
    if (code === undefined) throw new HostJobCutError('the connection ended in the middle; the host goes on by itself');
    if (code !== 0) throw new Error(`the host cannot keep its journal (exit ${code}): ${stderr.trim().slice(-500)}`);
    return { said };
  }
}

function refusal({ because, detail }: Extract<HostJobProgress, { kind: 'refused' }>): Error {
  switch (because) {
    case 'epoch':
      return new SupersededError(`the host has heard a later leader (${detail})`);
    case 'busy':
      return new HostBusyError(`another job runs on the host (${detail})`);
    case 'lock':
      return new HostBusyError('the journal on the host is locked by another session');
    case 'payload':
      return new Error('the payload is not on the host');
  }
}
