import type { KubeObject } from '@k0smotron/core';

/** What differs between two runs that came to the same end: identities, versions, times. */
const passing = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'observedGeneration',
  'managedFields',
  'creationTimestamp',
  'lastTransitionTime',
  'lastUpdated',
]);

/** An object without what differs from run to run; `names` are replaced wherever they stand. */
export function normalise(object: unknown, names: Readonly<Record<string, string>> = {}): unknown {
  if (Array.isArray(object)) return object.map((item) => normalise(item, names));
  if (typeof object === 'string')
    return Object.entries(names).reduce((text, [name, standIn]) => text.replaceAll(name, standIn), object);
  if (typeof object !== 'object' || object === null) return object;
  return Object.fromEntries(
    Object.entries(object)
      .filter(([field]) => !passing.has(field))
      .map(([field, value]) => [normalise(field, names), normalise(value, names)]),
  );
}

/** A Secret or another object of which only its being there counts, and who holds it. */
export const outlineOf = ({ kind, metadata }: KubeObject) => ({
  kind,
  name: metadata.name,
  finalizers: metadata.finalizers ?? [],
  owners: (metadata.ownerReferences ?? []).map(({ kind: owner }) => owner),
});
