import { createHash } from 'node:crypto';
import type { BootstrapPlan, HostCommand, HostFile } from '@k0smotron/provision';
import type { RemoteMachine } from '@k0smotron/api';

/** What was added to a file that may have been there before: it is cut off again, the rest is not ours. */
export interface AppendedPart {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * All that the clean-up of a host needs, written down before the first effect on it, so that deletion needs nothing that may
 * be gone by then (SR-1). Holds no secret.
 */
export interface CleanUpRecord {
  readonly version: 1;
  /** Names the journal on the host; a move changes the machine's uid, not this. */
  readonly journal: string;
  /** What k0s runs there as; `foreign` for other providers' data, whose traces only their commands know. */
  readonly role: 'controller' | 'worker' | 'foreign';
  readonly k0sPath?: string;
  readonly dataDir?: string;
  readonly kubeletRootDir?: string;
  /** True when our commands put the k0s binary there. */
  readonly k0sDownloaded: boolean;
  /** Files that the bootstrap writes; one that was there before is not brought back. */
  readonly files: readonly string[];
  /** In the order in which they are added. */
  readonly appended: readonly AppendedPart[];
  /** The user's own commands, instead of ours. */
  readonly commands?: readonly string[];
}

const installForm = /(\S*k0s)['"]?\s+install\s+(controller|worker)\b/;

/** Reads from the bootstrap data what will have to be undone. */
export function cleanUpRecord(plan: BootstrapPlan, { metadata, spec }: RemoteMachine): CleanUpRecord {
  const lines = plan.commands.map(asLine);
  const install = lines.map((line) => installForm.exec(line)).find((found) => found !== null);
  const installLine = install?.input ?? '';
  const k0sPath = install?.[1]?.replace(/^['"]/, '');
  const dataDir = flagValue(installLine, '--data-dir');
  const kubeletRootDir = flagValue(installLine, '--kubelet-root-dir');
  const written = plan.files.filter(({ append }) => !append).map(({ path }) => path);
  return {
    version: 1,
    journal: metadata.uid ?? '',
    role: (install?.[2] as 'controller' | 'worker' | undefined) ?? 'foreign',
    ...given({ k0sPath, dataDir, kubeletRootDir, commands: spec.cleanUpCommands }),
    k0sDownloaded: k0sPath !== undefined && lines.some((line) => downloads(line, k0sPath)),
    files: [...new Set(written)],
    // What is added to a file of ours goes with the file.
    appended: plan.files.filter(({ path, append }) => append && !written.includes(path)).map(appendedPart),
  };
}

/** Without what is not known: a record is JSON. */
const given = <T extends object>(fields: T): { [name in keyof T]?: NonNullable<T[name]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

function appendedPart({ path, content }: HostFile): AppendedPart {
  const data = Buffer.from(content as string);
  return { path, bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') };
}

const asLine = (command: HostCommand): string => (typeof command === 'string' ? command : command.join(' '));

const downloads = (line: string, k0sPath: string): boolean =>
  /\b(curl|wget|oras)\b/.test(line) && (line.includes(k0sPath) || line.includes('K0S_INSTALL_PATH'));

const flagValue = (line: string, flag: string): string | undefined =>
  new RegExp(`${flag}[= ]['"]?([^\\s'"]+)`).exec(line)?.[1];
