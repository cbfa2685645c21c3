import type { BootstrapSettings } from '@k0smotron/k0s';
import { owned, type ConfigScope } from '../reconcilers/scope.ts';
import { userFiles } from './content-source.ts';

/** What workers and controllers have in common, with references read. The Machine's version counts when none is given. */
export async function settingsOf(scope: ConfigScope, signal: AbortSignal): Promise<BootstrapSettings> {
  const { config, machine } = owned(scope);
  const { spec } = config;
  return {
    machineName: machine.metadata.name,
    version: spec.version || machine.spec.version || undefined,
    downloadURL: spec.downloadURL,
    preInstalledK0s: spec.preInstalledK0s,
    k0sInstallDir: spec.k0sInstallDir,
    workingDir: spec.workingDir,
    args: spec.args,
    useSystemHostname: spec.useSystemHostname,
    files: await userFiles(scope, signal),
    preK0sCommands: spec.preK0sCommands,
    postK0sCommands: spec.postK0sCommands,
  };
}
