import type { Client, ClientChannel } from 'ssh2';
import { CommandTimeoutError, ConnectError } from './errors.ts';
import type { CommandResult, RunOptions } from './host-session.ts';
import { lineSplitter, OutputTail } from './output-tail.ts';
import { findableCommand, killCommand, pidLine } from './findable-command.ts';

const defaultMaxOutputBytes = 256 * 1024;
/** Between TERM and KILL, and again between KILL and giving up on the channel. */
const graceMs = 2_000;

/** What {@link runCommand} runs on. */
export interface CommandTarget {
  readonly client: Client;
  readonly name: string;
  /** True when the session's user is root already. */
  readonly root: boolean;
  /** True once the connection is gone: ssh2 would never call back then. */
  readonly gone: () => boolean;
}

/** Runs one command on a channel of its own. See {@link HostSession.run} for what it throws. */
export async function runCommand(
  target: CommandTarget,
  command: string,
  options: RunOptions,
  signal?: AbortSignal,
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const sudo = options.sudo === true && !target.root;
  return await new Promise<CommandResult>((resolve, reject) => {
    // Listeners must be there before this callback returns: data, exit status and close may sit in the same packet.
    openExec(target, findableCommand(command, sudo), reject, (channel) => {
      follow({ target, channel, sudo, options, signal, resolve, reject });
    });
  });
}

interface Following {
  readonly target: CommandTarget;
  readonly channel: ClientChannel;
  readonly sudo: boolean;
  readonly options: RunOptions;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (why: unknown) => void;
}

function follow({ target, channel, sudo, options, signal, resolve, reject }: Following): void {
  const { timeoutMs, maxOutputBytes = defaultMaxOutputBytes } = options;
  const stdout = new OutputTail(maxOutputBytes);
  const stderr = new OutputTail(maxOutputBytes);
  const lines = options.onLine && lineSplitter(options.onLine);
  const pid = pidLine();
  const timers: NodeJS.Timeout[] = [];
  let ended: { code: number | undefined; signal?: string } = { code: undefined };
  let stopped: { readonly why: unknown } | undefined;

  const kill = (name: string): void => killCommand(target, { pid: pid.value(), sudo, signal: name });
  const stop = (why: unknown): void => {
    if (stopped) return;
    stopped = { why };
    kill('TERM');
    timers.push(
      setTimeout(() => kill('KILL'), graceMs),
      setTimeout(finish, 2 * graceMs),
    );
  };
  const onAbort = (): void => stop(signal?.reason);
  const finish = (): void => {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    lines?.end();
    stderr.push(pid.rest());
    channel.close();
    if (stopped) reject(stopped.why);
    else resolve({ ...ended, stdout: stdout.text(), stderr: stderr.text() });
  };

  channel.on('exit', (code: number | null, signalName?: string) => {
    ended = code === null ? { code: undefined, signal: signalName } : { code };
  });
  channel.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    lines?.push(chunk);
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    const known = pid.value() !== undefined;
    stderr.push(pid.strip(chunk));
    // Aborted before it said who it is.
    if (stopped && !known && pid.value() !== undefined) kill('TERM');
  });
  // Writing to a command that has gone; its exit status tells the story.
  channel.on('error', () => undefined);
  channel.once('close', finish);
  channel.end(options.stdin ?? '');

  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  if (timeoutMs !== undefined) {
    const why = new CommandTimeoutError(`${target.name}: the command was still running after ${timeoutMs} ms; killed`);
    timers.push(setTimeout(() => stop(why), timeoutMs));
  }
}

function openExec(
  { client, name, gone }: CommandTarget,
  command: string,
  reject: (why: unknown) => void,
  opened: (channel: ClientChannel) => void,
): void {
  const fail = (cause: unknown): void => {
    client.off('close', onClose);
    const detail = cause instanceof Error ? cause.message : String(cause);
    reject(new ConnectError(`${name}: the host opened no session for a command (${detail}); try again`, { cause }));
  };
  const onClose = (): void => fail(new Error('the connection was cut'));
  if (gone()) return fail(new Error('the connection is closed'));
  client.once('close', onClose);
  try {
    client.exec(command, (error, channel) => {
      if (error) return fail(error);
      client.off('close', onClose);
      opened(channel);
    });
  } catch (cause) {
    fail(cause);
  }
}
