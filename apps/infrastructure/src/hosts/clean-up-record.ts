import type { BootstrapPlan, HostCommand } from '@k0smotron/provision';
import type { RemoteMachine } from '@k0smotron/api';

/**
 * All that the clean-up of a host needs, written down before the first effect on it, so that deletion needs nothing that may
 * be gone by then (SR-1). Holds no secret.
 */
export interface CleanUpRecord {
  readonly version: 1;
  /** What k0s runs there as; `foreign` for other providers' data, whose traces only their commands know. */
  readonly role: 'controller' | 'worker' | 'foreign';
  readonly k0sPath?: string;
  readonly dataDir?: string;
  readonly kubeletRootDir?: string;
  /** True when our commands put the k0s binary there. */
  readonly k0sDownloaded: boolean;
  /** Files that the bootstrap writes. */
  readonly files: readonly string[];
  /** The user's own commands, instead of ours. */
  readonly commands?: readonly string[];
}

const installForm = /(\S*k0s)['"]?\s+install\s+(controller|worker)\b/;

/** Reads from the bootstrap data what will have to be undone. */
export function cleanUpRecord(plan: BootstrapPlan, { spec }: RemoteMachine): CleanUpRecord {
  const lines = plan.commands.map(asLine);
  const install = lines.map((line) => installForm.exec(line)).find((found) => found !== null);
  const installLine = install?.input ?? '';
  const k0sPath = install?.[1]?.replace(/^['"]/, '');
  const dataDir = flagValue(installLine, '--data-dir');
  const kubeletRootDir = flagValue(installLine, '--kubelet-root-dir');
  return {
    version: 1,
    role: (install?.[2] as 'controller' | 'worker' | undefined) ?? 'foreign',
    ...(k0sPath ? { k0sPath } : {}),
    ...(dataDir ? { dataDir } : {}),
    ...(kubeletRootDir ? { kubeletRootDir } : {}),
    k0sDownloaded: k0sPath !== undefined && lines.some((line) => line !== installLine && downloads(line, k0sPath)),
    files: plan.files.map(({ path }) => path),
    ...(spec.cleanUpCommands ? { commands: spec.cleanUpCommands } : {}),
  };
}

const asLine = (command: HostCommand): string => (typeof command === 'string' ? command : command.join(' '));

const downloads = (line: string, k0sPath: string): boolean =>
  /\b(curl|wget|oras)\b/.test(line) && (line.includes(k0sPath) || line.includes('K0S_INSTALL_PATH'));

const flagValue = (line: string, flag: string): string | undefined =>
  new RegExp(`${flag}[= ]['"]?([^\\s'"]+)`).exec(line)?.[1];
