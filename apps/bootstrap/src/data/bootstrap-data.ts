import { TerminalError } from '@k0smotron/core';
import type { MachinePlan } from '@k0smotron/k0s';
import { toCloudConfig } from '@k0smotron/provision';
import type { ConfigScope } from '../reconcilers/scope.ts';
import { readSource } from './content-source.ts';
import { toIgnitionData } from './ignition-data.ts';

/** The type of the Secrets that hold bootstrap data (B-01). */
export const dataSecretType = 'cluster.x-k8s.io/secret';

/** What the infrastructure provider hands to the machine. Secret. */
export interface BootstrapData {
  readonly text: string;
  /** How to read it: the key `format` of the Secret (B-01). */
  readonly format: string;
}

/** Puts a plan into the format that the config asks for (k0smotron-behaviour §2.5). */
export async function toBootstrapData(
  scope: ConfigScope,
  plan: MachinePlan,
  signal: AbortSignal,
): Promise<BootstrapData> {
  const { type = 'cloud-config', ignition, customUserDataRef } = scope.config.spec.provisioner ?? {};
  const customUserData = customUserDataRef ? await readSource(scope, customUserDataRef, signal) : undefined;
  if (type === 'cloud-config') return { format: type, text: toCloudConfig({ ...plan, customUserData }) };
  if (type === 'ignition') return { format: type, text: toIgnitionData(plan, ignition, customUserData) };
  throw new TerminalError(
    'UnsupportedProvisioner',
    `spec.provisioner.type '${type}' is stored but not executed by this release: use cloud-config or ignition`,
  );
}
