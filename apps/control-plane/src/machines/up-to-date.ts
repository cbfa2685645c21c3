import { annotations, convert, K0sControlPlane } from '@k0smotron/api';
import { apiVersionOf } from '@k0smotron/core';
import { sameVersion } from '@k0smotron/k0s';
import type { Differences } from '@k0smotron/rollout';
import type { Controller } from './controller.ts';
import { sortedJson } from './json.ts';
import { templateReference } from './template-reference.ts';

type K0sConfigSpec = K0sControlPlane['spec']['k0sConfigSpec'];

/** Compares a controller with what would be made now. Spelling of versions and missing objects never count (CP-27). */
export function differencesOf({ machine, remote }: Controller, plane: K0sControlPlane, now: Date): Differences {
  const reference = templateReference(plane);
  const cloned = remote?.metadata.annotations;
  const from = cloned?.[annotations.clonedFromName];
  const kind = cloned?.[annotations.clonedFromGroupKind];
  return {
    version: machine.spec.version !== undefined && !sameVersion(machine.spec.version, plane.spec.version),
    config: configDiffers(machine.metadata.annotations?.[annotations.k0sConfig], plane),
    template:
      from !== undefined &&
      kind !== undefined &&
      (from !== reference.name || kind !== `${reference.kind}.${reference.group}`),
    expired: isExpired(machine.metadata.creationTimestamp, plane.spec.rollout?.after, now),
  };
}

/** Older than a moment that has passed (`spec.rollout.after`); one that lies ahead expires nobody yet. */
const isExpired = (createdAt: string, after: string | undefined, now: Date): boolean =>
  after !== undefined && Date.parse(after) <= now.getTime() && Date.parse(createdAt) < Date.parse(after);

/**
 * The user's k0s config is left out: it is pushed to the running cluster, as in the original (§6.2). So is where k0s is fetched
 * from: that is nothing a machine is set up with, and a mirror's URL usually changes together with the version.
 */
function configDiffers(recorded: string | undefined, { spec }: K0sControlPlane): boolean {
  if (recorded === undefined) return false;
  const {
    k0s: _then,
    downloadURL: _thenFrom,
    ...then
  } = withDefaults(inOurVersion(JSON.parse(recorded) as K0sConfigSpec));
  const { k0s: _now, downloadURL: _nowFrom, ...now } = withDefaults(spec.k0sConfigSpec);
  return sortedJson(then) !== sortedJson(now);
}

/** The original wrote down v1beta1's form until it had a provisioner (§6.2); a change of operator must not roll machines. */
function inOurVersion(recorded: K0sConfigSpec): K0sConfigSpec {
  const old = ['preStartCommands', 'postStartCommands', 'ignition', 'customUserDataRef'];
  if (!old.some((field) => field in recorded)) return recorded;
  const { group, version, kind } = K0sControlPlane;
  const object = {
    apiVersion: `${group}/v1beta1`,
    kind,
    metadata: { name: 'recorded' },
    spec: { k0sConfigSpec: recorded },
  };
  const converted = convert(object, apiVersionOf({ ...K0sControlPlane, version })) as unknown as K0sControlPlane;
  return converted.spec.k0sConfigSpec;
}

/** Fields that an older schema did not default, and ones that say nothing, make no difference. */
function withDefaults(config: Partial<K0sConfigSpec>): Record<string, unknown> {
  const { provisioner, tunneling, ...rest } = config;
  const filled = {
    k0sInstallDir: '/usr/local/bin',
    useSystemHostname: false,
    ...rest,
    provisioner: { type: 'cloud-config', platform: 'linux', ...provisioner },
    ...(tunneling ? { tunneling: { ...tunnelingDefaults, ...tunneling } } : {}),
  };
  return Object.fromEntries(Object.entries(filled).filter(([, value]) => !saysNothing(value)));
}

const tunnelingDefaults = { enabled: false, serverNodePort: 31700, tunnelingNodePort: 31443, mode: 'tunnel' };

const saysNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** The differences in words, for the condition. */
export function describeDifferences({ version, config, template, expired }: Differences): string {
  const older = [
    ...(version ? ['spec.version'] : []),
    ...(config ? ['spec.k0sConfigSpec'] : []),
    ...(template ? ['the template of its machine'] : []),
  ];
  const parts = [
    ...(older.length > 0 ? [`Made from an older ${older.join(', ')}`] : []),
    ...(expired ? ['Made before spec.rollout.after'] : []),
  ];
  return parts.join('; ');
}
