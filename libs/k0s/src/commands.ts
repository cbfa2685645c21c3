import type { JoinRole } from './join-token.ts';
import { sentinelPath, type HostPaths } from './paths.ts';
import { shellJoin, shellQuote } from './shell.ts';

/** The service that `k0s install` makes. */
const serviceName = (role: JoinRole): string => `k0s${role}`;

/** What `k0s install worker` needs. */
export interface WorkerInstallOptions {
  readonly paths: HostPaths;
  /** From {@link mergeArgs}: already quoted for a shell. */
  readonly mergedArgs: readonly string[];
}

/** `k0s install worker`; `--force` makes a repeat harmless, which the original leaves out. */
export const installWorkerCommand = ({ paths, mergedArgs }: WorkerInstallOptions): string =>
  [shellJoin([paths.k0s, 'install', 'worker', '--force', '--token-file', paths.token]), ...mergedArgs].join(' ');

/** What `k0s install controller` needs. */
export interface ControllerInstallOptions extends WorkerInstallOptions {
  /** Becomes the ControlNode's name, so that Autopilot's objects are found by the Machine's name. */
  readonly machineName: string;
  /** True when the controller joins others; the first one has no token. */
  readonly joins: boolean;
}

/** `k0s install controller`, with the configuration file always given. */
export const installControllerCommand = ({ paths, mergedArgs, machineName, joins }: ControllerInstallOptions): string =>
  [
    shellJoin([paths.k0s, 'install', 'controller', '--force', '--enable-dynamic-config']),
    shellJoin(['--env', `AUTOPILOT_HOSTNAME=${machineName}`]),
    ...mergedArgs,
    shellJoin(['--config', paths.config]),
    ...(joins ? [shellJoin(['--token-file', paths.token])] : []),
  ].join(' ');

/** Starts the service through whichever init system the host has. Starting a running service is a success. */
export function startCommand(role: JoinRole): string {
  const service = serviceName(role);
  return (
    `if command -v systemctl >/dev/null 2>&1; then systemctl start ${service}; ` +
    `elif command -v rc-service >/dev/null 2>&1; then rc-service ${service} start; ` +
    `elif command -v service >/dev/null 2>&1; then service ${service} start; ` +
    `else echo 'no init system found: systemd, OpenRC or SysV is needed' >&2; false; fi`
  );
}

/** Marks the host as bootstrapped: Cluster API's contract, and what the infrastructure provider waits for. */
export const sentinelCommand = (): string =>
  `mkdir -p ${shellQuote(sentinelPath.slice(0, sentinelPath.lastIndexOf('/')))} && touch ${shellQuote(sentinelPath)}`;
