import type { OwnerReference } from './kube-object.ts';

/**
 * The owners with one more, or with that one brought up to date (OR-1, OR-2). Undefined when it is there as it should be, and
 * when another controls the object, which has room for one controller only.
 */
export function withOwner(
  owners: readonly OwnerReference[] = [],
  wanted: OwnerReference,
): readonly OwnerReference[] | undefined {
  const present = owners.find(({ uid }) => uid === wanted.uid);
  const right = present?.apiVersion === wanted.apiVersion && (!wanted.controller || present.controller === true);
  const rest = owners.filter((owner) => owner !== present);
  const taken = wanted.controller === true && rest.some(({ controller }) => controller === true);
  return right || taken ? undefined : [...rest, wanted];
}
