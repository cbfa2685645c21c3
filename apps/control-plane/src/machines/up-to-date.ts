import { annotations, type K0sControlPlane } from '@k0smotron/api';
import { sameVersion } from '@k0smotron/k0s';
import type { Controller } from '../reconcilers/k0s-control-plane/scope.ts';
import { templateReference } from './create-controller.ts';

/** In what a controller differs from the spec; empty when it is up to date (CP-23, CP-27). */
export interface Differences {
  readonly version: boolean;
  readonly config: boolean;
  readonly template: boolean;
}

/** Compares a controller with what would be made now. Spelling of versions and missing objects never count (CP-27). */
export function differencesOf({ machine, remote }: Controller, plane: K0sControlPlane): Differences {
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
  };
}

/** The user's k0s config is left out: it is pushed to the running cluster, as in the original (§6.2). */
function configDiffers(recorded: string | undefined, { spec }: K0sControlPlane): boolean {
  if (recorded === undefined) return false;
  const { k0s: _then, ...then } = JSON.parse(recorded) as K0sControlPlane['spec']['k0sConfigSpec'];
  const { k0s: _now, ...now } = spec.k0sConfigSpec;
  return sortedJson(then) !== sortedJson(now);
}

/** JSON with keys in order, so that two equal objects give one text. */
const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** True when nothing differs. */
export const isUpToDate = ({ version, config, template }: Differences): boolean => !version && !config && !template;
