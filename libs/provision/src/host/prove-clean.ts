import { parseLeftovers, type CleanUp, type Leftover } from './clean-up.ts';
import { callJournal, type CommandRunner, HostJobCutError, type HostJobOptions } from './journal-caller.ts';
import type { HostJob } from './journal.ts';

/** What a message can use; a host that was not cleaned at all may have thousands. */
const mostLeftovers = 100;

/**
 * Looks whether a clean-up left anything, then deletes the journal in any case, since a host that is not clean is cleaned once
 * more by the next try and not only looked at. One exec.
 *
 * @throws HostJobCutError when the answer has no end; else as {@link callJournal}.
 */
export async function proveClean(
  session: CommandRunner,
  { job, verify }: { readonly job: HostJob } & Pick<CleanUp, 'verify'>,
  options: HostJobOptions,
  signal?: AbortSignal,
): Promise<readonly Leftover[]> {
  const left: Leftover[] = [];
  const onLine = (line: string): void => {
    if (left.length < mostLeftovers) left.push(...parseLeftovers(line));
  };
  const command = `(\n${verify}\n) </dev/null || { c=$?; echo 'looking what is left failed' >&2; exit "$c"; }\n${job.forget}`;
  const said = await callJournal(session, { command }, { ...options, onLine }, signal);
  // sshd may tell the exit code before the last of the output: a cut in between must not look like a clean host.
  if (!said.some((it) => it.kind === 'state' && it.state === 'absent')) {
    throw new HostJobCutError('the connection ended before all was said that is left on the host');
  }
  return left;
}
