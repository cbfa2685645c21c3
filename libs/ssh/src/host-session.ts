import type { Duplex } from 'node:stream';

/** How one command is run. */
export interface RunOptions {
  /** Written to the command, then closed; without it the command reads an empty input. */
  readonly stdin?: string | Buffer;
  /** As root through `sudo -n`; a session of user `root` needs no sudo and uses none. */
  readonly sudo?: boolean;
  /** Kills the command after that long and throws {@link CommandTimeoutError}. No limit unless told. */
  readonly timeoutMs?: number;
  /** How much of the end of stdout and of stderr is kept, each; 256 KiB unless told. */
  readonly maxOutputBytes?: number;
  /** Called for each line of stdout as it comes, however long the output is. */
  readonly onLine?: (line: string) => void;
}

/** How one command ended. */
export interface CommandResult {
  /** `undefined` when no exit status came: killed by a signal, or the connection was cut. Always a failure. */
  readonly code: number | undefined;
  /** The signal's name without `SIG`, when the host told one. */
  readonly signal?: string;
  /** The last `maxOutputBytes` of it. */
  readonly stdout: string;
  readonly stderr: string;
}

/** One authenticated connection to a host. Commands on it may run side by side. */
export interface HostSession {
  /** Fingerprint of the key that the host showed, `SHA256:…`: what to pin on first use (SR-1). */
  readonly hostKey: string;
  readonly user: string;
  /**
   * Runs a command line in `sh`. Resolves however the command ends.
   *
   * @throws CommandTimeoutError after `timeoutMs`; the signal's reason when aborted (the command is killed in both cases);
   *   ConnectError when the host opens no channel.
   */
  run(command: string, options?: RunOptions, signal?: AbortSignal): Promise<CommandResult>;
  /**
   * A byte stream from the host to `host:port` as the host sees it (direct-tcpip).
   *
   * @throws ConnectError when the host refuses to forward or nothing listens there.
   */
  forward(host: string, port: number): Promise<Duplex>;
  /** Resolves when the connection has ended, whoever ended it; about half a minute after a host went silent (`keepaliveMs`). */
  readonly closed: Promise<void>;
  /** Ends the connection; running commands resolve with `code: undefined`. */
  close(): void;
}
