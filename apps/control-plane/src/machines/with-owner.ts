import type { OwnerReference } from '@k0smotron/core';

/** The owners with one more, or with that one brought up to date (OR-1, OR-2); undefined when it is there as it should be. */
export function withOwner(
  owners: readonly OwnerReference[] = [],
  wanted: OwnerReference,
): readonly OwnerReference[] | undefined {
  const present = owners.find(({ uid }) => uid === wanted.uid);
  const right = present?.apiVersion === wanted.apiVersion && (!wanted.controller || present.controller === true);
  return right ? undefined : [...owners.filter((owner) => owner !== present), wanted];
}
