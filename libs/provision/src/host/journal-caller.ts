import { type HostJobProgress, parseProgress } from './progress.ts';

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

/** The host says something every few seconds while a job is followed, and answers everything else at once. */
export class HostSilentError extends Error {
  override readonly name = 'HostSilentError';
}

/** The host cannot keep a journal: its disk is full or read-only, or it lacks a tool. Nothing is begun there meanwhile. */
export class HostJournalError extends Error {
  override readonly name = 'HostJournalError';
}

const silenceMs = 120_000;

/** What the runner said, without the lines that only pass through. */
export type Said = Exclude<HostJobProgress, { kind: 'output' | 'step' }>;

/**
 * Runs a journal command and turns what the host says into results and errors.
 *
 * @throws HostSilentError, HostJobCutError, SupersededError, HostBusyError, HostJournalError.
 */
export async function callJournal(
  session: CommandRunner,
  { command, stdin }: { readonly command: string; readonly stdin?: Buffer },
  { sudo, onProgress, onLine: hear }: HostJobOptions & { readonly onLine?: (line: string) => void },
  signal?: AbortSignal,
): Promise<readonly Said[]> {
  const said: Said[] = [];
  const silence = silenceLimit();
  const onLine = (line: string): void => {
    silence.broken();
    hear?.(line);
    const progress = parseProgress(line);
    if (!progress) return;
    // Output passes through; keeping it would make memory of it.
    if (progress.kind !== 'output' && progress.kind !== 'step') said.push(progress);
    onProgress?.(progress);
  };
  try {
    const limited = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
    const options = { ...(stdin ? { stdin } : {}), sudo, maxOutputBytes: 8_192, onLine };
    const { code, stderr } = await session.run(command, options, limited);
    const refused = said.find((it) => it.kind === 'refused');
    if (refused) throw refusal(refused);
    if (code === undefined) throw new HostJobCutError('the connection ended in the middle; the host goes on by itself');
    if (code !== 0) {
      throw new HostJournalError(`the host cannot keep its journal (exit ${code}): ${stderr.trim().slice(-500)}`);
    }
    return said;
  } finally {
    silence.end();
  }
}

/** Aborts when nobody has said anything for too long. */
function silenceLimit(): { readonly signal: AbortSignal; broken(): void; end(): void } {
  const stop = new AbortController();
  const timer = setTimeout(
    () =>
      stop.abort(new HostSilentError(`the host has said nothing for ${silenceMs / 1000} s; look at its load and disk`)),
    silenceMs,
  );
  return { signal: stop.signal, broken: () => timer.refresh(), end: () => clearTimeout(timer) };
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
