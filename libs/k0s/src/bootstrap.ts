import { isSingle, mergeArgs, runsWorker } from './arguments.ts';
import { installControllerCommand, installWorkerCommand, sentinelCommand, startCommand } from './commands.ts';
import type { JsonObject } from './config.ts';
import { downloadCommands } from './download.ts';
import { hostPaths, type HostPaths } from './paths.ts';

/** A file for a machine; fits `@k0smotron/provision`'s plan. */
export interface MachineFile {
  readonly path: string;
  readonly content: string;
  /** Octal, as text. */
  readonly permissions?: string;
}

/** What a machine does at its first start: files first, then commands in order. Holds secrets. */
export interface MachinePlan {
  readonly files: readonly MachineFile[];
  readonly commands: readonly string[];
}

/** The part of a bootstrap config that workers and controllers share, with references already resolved. */
export interface BootstrapSettings {
  readonly machineName: string;
  readonly version?: string;
  readonly downloadURL?: string;
  readonly preInstalledK0s?: boolean;
  readonly sha256?: string;
  readonly k0sInstallDir?: string;
  readonly workingDir?: string;
  readonly args?: readonly string[];
  readonly useSystemHostname?: boolean;
  readonly files?: readonly MachineFile[];
  readonly preK0sCommands?: readonly string[];
  readonly postK0sCommands?: readonly string[];
}

/**
 * Everything a worker's machine does, in the original's order: token, user's files; user's commands, download, install,
 * start, user's commands, sentinel.
 *
 * @throws TerminalError `InvalidVersion`, `InvalidDownloadURL`, `InvalidArgument`.
 */
export function workerPlan(settings: BootstrapSettings, joinToken: string): MachinePlan {
  const paths = pathsOf(settings);
  const install = installWorkerCommand({ paths, mergedArgs: merged(settings, true) });
  return {
    files: [tokenFile(paths, joinToken), ...(settings.files ?? [])],
    commands: inOrder(settings, paths, [install, startCommand('worker')]),
  };
}

/** Key material that the first controller is given; joining ones get it from the controller they join. PEM. */
export interface ControllerPki {
  readonly ca: PemPair;
  readonly etcd: PemPair;
  readonly proxy: PemPair;
  readonly sa: PemPair;
}

/** A certificate (or public key) and its private key, PEM. */
export interface PemPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** How a controller comes to its cluster: with the key material, or with a token. */
export type ControllerStart =
  { readonly kind: 'first'; readonly pki: ControllerPki } | { readonly kind: 'joins'; readonly joinToken: string };

/**
 * Everything a controller's machine does. `config` is the result of `renderControllerConfig`. Private keys are written 0600
 * and certificates 0644: k0s hands them to the users that need them when it starts.
 *
 * @throws TerminalError as {@link workerPlan}.
 */
export function controllerPlan(settings: BootstrapSettings, config: JsonObject, start: ControllerStart): MachinePlan {
  const paths = pathsOf(settings);
  const joins = start.kind === 'joins';
  const install = installControllerCommand({
    paths,
    mergedArgs: merged(settings, runsWorker(settings.args ?? [])),
    machineName: settings.machineName,
    joins,
  });
  return {
    files: [
      { path: paths.config, content: `${JSON.stringify(config, undefined, 2)}\n`, permissions: '0600' },
      ...(start.kind === 'joins' ? [tokenFile(paths, start.joinToken)] : pkiFiles(paths, start.pki)),
      ...(settings.files ?? []),
    ],
    commands: inOrder(settings, paths, [install, startCommand('controller')]),
  };
}

/** The eight files of the first controller, at the paths where k0s looks before it would make its own. */
function pkiFiles({ dataDir }: HostPaths, { ca, etcd, proxy, sa }: ControllerPki): MachineFile[] {
  const open = (name: string, content: string): MachineFile => ({
    path: `${dataDir}/pki/${name}`,
    content,
    permissions: '0644',
  });
  const secret = (name: string, content: string): MachineFile => ({ ...open(name, content), permissions: '0600' });
  return [
    open('ca.crt', ca.certPem),
    secret('ca.key', ca.keyPem),
    open('etcd/ca.crt', etcd.certPem),
    secret('etcd/ca.key', etcd.keyPem),
    open('front-proxy-ca.crt', proxy.certPem),
    secret('front-proxy-ca.key', proxy.keyPem),
    open('sa.pub', sa.certPem),
    secret('sa.key', sa.keyPem),
  ];
}

/** True when the settings make the only controller of a cluster that never grows. */
export const isSingleController = ({ args }: BootstrapSettings): boolean => isSingle(args ?? []);

const pathsOf = ({ k0sInstallDir, workingDir, args }: BootstrapSettings): HostPaths =>
  hostPaths({ installDir: k0sInstallDir, workingDir, args });

const merged = (settings: BootstrapSettings, runsKubelet: boolean): string[] =>
  mergeArgs({
    args: settings.args ?? [],
    machineName: settings.machineName,
    runsKubelet,
    useSystemHostname: settings.useSystemHostname ?? false,
  });

const tokenFile = (paths: HostPaths, content: string): MachineFile => ({
  path: paths.token,
  content,
  permissions: '0600',
});

const inOrder = (settings: BootstrapSettings, { k0s }: HostPaths, own: readonly string[]): string[] => [
  ...(settings.preK0sCommands ?? []),
  ...downloadCommands({
    k0sPath: k0s,
    version: settings.version,
    url: settings.downloadURL,
    preInstalled: settings.preInstalledK0s,
    sha256: settings.sha256,
  }),
  ...own,
  ...(settings.postK0sCommands ?? []),
  sentinelCommand(),
];
