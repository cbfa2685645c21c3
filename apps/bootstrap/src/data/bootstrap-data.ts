import { TerminalError } from '@k0smotron/core';
import type { MachinePlan } from '@k0smotron/k0s';
import { toCloudConfig, toIgnition, toPowerShell } from '@k0smotron/provision';
import type { ConfigScope } from '../reconcilers/scope.ts';
import { readSource } from './content-source.ts';

/** What the infrastructure provider hands to the machine. Secret. */
export interface BootstrapData {
  readonly text: string;
  /** How to read it: the key `format` of the Secret (B-01). */
  readonly format: string;
}

/** Puts a plan into the format that the config asks for (k0smotron-behaviour §2.5). */
export async function toBootstrapData(scope: ConfigScope, plan: MachinePlan, signal: AbortSignal): Promise<BootstrapData> {
  const { type = 'cloud-config', ignition, customUserDataRef } = scope.config.spec.provisioner ?? {};
  const customUserData = customUserDataRef ? await readSource(scope, customUserDataRef, signal) : undefined;
  switch (type) {
    case 'cloud-config':
      return { format: type, text: toCloudConfig({ ...plan, customUserData }) };
    case 'ignition':
      return { format: type, text: toIgnition({ ...plan, ignition, customUserData }) };
    case 'powershell':
    case 'powershell-xml':
      return { format: type, text: toPowerShell({ ...plan, customUserData, xml: type === 'powershell-xml' }) };
    default:
      throw new TerminalError('InvalidProvisioner', `spec.provisioner.type '${String(type)}' is unknown`);
  }
}
