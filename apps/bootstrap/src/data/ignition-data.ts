import type { IgnitionSpec } from '@k0smotron/api';
import { TerminalError } from '@k0smotron/core';
import type { MachinePlan } from '@k0smotron/k0s';
import { toIgnition } from '@k0smotron/provision';

/** The Ignition specification that a Butane variant and version stands for (Butane's documentation, "Specifications"). */
const specifications: Readonly<Record<string, string>> = {
  'fcos 1.0.0': '3.0.0',
  'fcos 1.1.0': '3.1.0',
  'fcos 1.2.0': '3.2.0',
  'fcos 1.3.0': '3.2.0',
  'fcos 1.4.0': '3.3.0',
  'fcos 1.5.0': '3.4.0',
  'flatcar 1.0.0': '3.3.0',
  'flatcar 1.1.0': '3.4.0',
  'r4e 1.0.0': '3.3.0',
  'r4e 1.1.0': '3.4.0',
};

/**
 * A plan as Ignition, in the specification that `spec.provisioner.ignition` asks for.
 *
 * @throws TerminalError for a variant or version that is not known, for `additionalConfig` (Butane, which only its own
 *   compiler understands) and for custom user data, which Ignition has no place for.
 */
export function toIgnitionData(plan: MachinePlan, ignition: IgnitionSpec | undefined, customUserData?: string): string {
  if (!ignition) throw refused('spec.provisioner.ignition with variant and version must be given for type ignition');
  const { variant, version, additionalConfig } = ignition;
  const specification = specifications[`${variant} ${version}`];
  if (!specification) {
    throw refused(`variant ${variant} ${version} is not known; known are ${Object.keys(specifications).join(', ')}`);
  }
  if (additionalConfig) throw refused('additionalConfig is Butane, which is not compiled here: use files and commands');
  if (customUserData) throw refused('customUserDataRef cannot be merged into Ignition: use files and commands');
  return toIgnition(plan, { version: specification });
}

const refused = (what: string): TerminalError => new TerminalError('InvalidIgnition', `Ignition: ${what}`);
