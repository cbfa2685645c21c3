import { messageOf } from '@k0smotron/core';
import { mergeArgs } from '../arguments.ts';
import { downloadCommands } from '../download.ts';
import type { JoinRole } from '../join-token.ts';
import { floors, versionAtLeast } from '../version.ts';
import { fileFindings, sourceFindings, type CheckedFile, type CheckedSource } from './files.ts';
import type { Finding } from '@k0smotron/core';
import { versionFindings } from './versions.ts';

/** What worker and controller configurations have in common, as users write it. */
export interface CheckedSettings {
  readonly args?: readonly string[];
  readonly files?: readonly CheckedFile[];
  readonly downloadURL?: string;
  readonly preInstalledK0s?: boolean;
  readonly k0sInstallDir?: string;
  readonly workingDir?: string;
  readonly provisioner?: {
    readonly type?: string;
    readonly platform?: string;
    readonly ignition?: object;
    readonly customUserDataRef?: CheckedSource;
  };
}

/** Whose settings are checked. */
export interface SettingsOf {
  readonly role: JoinRole;
  readonly version?: string;
  /** Path of the settings in their object. */
  readonly field: string;
}

/**
 * Everything about bootstrap settings that needs no other object. Errors are what can never work, warnings what works and
 * is likely not meant.
 */
export const settingsFindings = (settings: CheckedSettings, of: SettingsOf): Finding[] => [
  ...fileFindings(settings.files, of.role, `${of.field}.files`),
  ...argumentFindings(settings, of.field),
  ...downloadFindings(settings, of.field),
  ...folderFindings(settings, of.field),
  ...provisionerFindings(settings, of),
];

function argumentFindings({ args = [] }: CheckedSettings, field: string): Finding[] {
  const options = { machineName: 'any', runsKubelet: false, useSystemHostname: false };
  return args.flatMap((arg, at) => problemOf(() => mergeArgs({ ...options, args: [arg] }), `${field}.args[${at}]`));
}

/** Those of the arguments that other checks can look into: the rest has findings of its own. */
export const readableArgs = (args: readonly string[] | undefined): readonly string[] =>
  (args ?? []).filter((arg) => argumentFindings({ args: [arg] }, '').length === 0);

function downloadFindings({ downloadURL, preInstalledK0s }: CheckedSettings, field: string): Finding[] {
  if (!downloadURL) return [];
  if (preInstalledK0s) {
    const message = 'is not used with preInstalledK0s: leave one of them out';
    return [{ field: `${field}.downloadURL`, message, warning: true }];
  }
  return problemOf(() => downloadCommands({ k0sPath: '/k0s', url: downloadURL }), `${field}.downloadURL`);
}

const folderFindings = (settings: CheckedSettings, field: string): Finding[] =>
  (['k0sInstallDir', 'workingDir'] as const)
    .filter((name) => settings[name] && !settings[name].startsWith('/'))
    .map((name) => ({ field: `${field}.${name}`, message: 'is no absolute path: let it begin with /', warning: true }));

function provisionerFindings({ provisioner = {} }: CheckedSettings, { role, version, field }: SettingsOf): Finding[] {
  const { type, platform, ignition, customUserDataRef } = provisioner;
  const at = `${field}.provisioner`;
  const found = sourceFindings(customUserDataRef, `${at}.customUserDataRef`);
  if (type === 'ignition' && !ignition) {
    found.push({ field: `${at}.ignition`, message: 'is missing for type ignition: write variant and version' });
  }
  if (type?.startsWith('powershell')) {
    const message = `${type} is stored and not carried out by this release: write cloud-config or ignition`;
    found.push({ field: `${at}.type`, message, warning: true });
  }
  if (platform === 'windows' && role === 'worker') found.push(...windowsFindings(version, field));
  return found;
}

/** As in the original: the first release for workers on Windows is written out in full. */
function windowsFindings(version: string | undefined, field: string): Finding[] {
  const fits = version && versionFindings(version, '').length === 0 && versionAtLeast(version, floors.windowsWorker);
  if (fits) return [];
  const message = `workers on Windows need k0s ${floors.windowsWorker}+k0s.0 or later: write that`;
  return [{ field: `${field}.version`, message }];
}

function problemOf(attempt: () => unknown, field: string): Finding[] {
  try {
    attempt();
    return [];
  } catch (error) {
    return [{ field, message: messageOf(error) }];
  }
}
