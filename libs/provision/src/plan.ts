/** One file to put on a host. */
export interface HostFile {
  readonly path: string;
  /** Text or bytes; never logged. */
  readonly content: string | Uint8Array;
  /** Octal text such as `0600`; `0644` unless told. Never the mode of the parent folders, which get 0755. */
  readonly permissions?: string;
  /** `user` or `user:group`; `root:root` unless told. */
  readonly owner?: string;
  /** Adds to the end of what is there. */
  readonly append?: boolean;
}

/** A line for the shell, or words that the shell must not touch. */
export type HostCommand = string | readonly string[];

/** What turns a fresh host into a machine: files first, then commands in order, stopping at the first that fails. */
export interface BootstrapPlan {
  readonly files: readonly HostFile[];
  readonly commands: readonly HostCommand[];
  /** Commands before the files (cloud-init's `bootcmd`); rarely used. */
  readonly earlyCommands?: readonly HostCommand[];
}

/** The content of a file as bytes. */
export const bytesOf = ({ content }: Pick<HostFile, 'content'>): Buffer =>
  typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content);
