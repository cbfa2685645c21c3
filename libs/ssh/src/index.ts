export { connectSsh } from './connect-ssh.ts';
export { AuthError, CommandTimeoutError, ConnectError, HostKeyChangedError } from './errors.ts';
export { fingerprintOf } from './host-key.ts';
export type { CommandResult, HostSession, RunOptions } from './host-session.ts';
export { probeSudo } from './probe-sudo.ts';
export { shellQuote } from './shell-quote.ts';
export type { SshTarget } from './target.ts';
