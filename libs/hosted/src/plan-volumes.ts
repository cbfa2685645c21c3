import { asObject, objectAt, type JsonObject } from './json.ts';

/** One claim of a StatefulSet's pods. */
export interface SeenVolumeClaim {
  readonly name: string;
  /** What it asks for, a quantity. */
  readonly requested: string;
}

/** What to do about the volumes of a StatefulSet, whose claim templates nobody can change. */
export type VolumesMove =
  /** Templates and claims are as wanted, or differ in what is not ours to mend. */
  | { readonly kind: 'fit' }
  /** The templates stay as they are. */
  | { readonly kind: 'keep'; readonly differs: 'size' | 'class'; readonly because: string }
  /** Ask for more in these claims. */
  | { readonly kind: 'grow'; readonly claims: readonly { readonly name: string; readonly size: string }[] }
  /** All claims are large enough: the StatefulSet goes without its pods, and comes back with new templates. */
  | { readonly kind: 'renew' };

/**
 * Chooses the next move towards larger volumes; they never shrink, and never change their class.
 *
 * @param set name of the StatefulSet: its claims are `<template>-<set>-<ordinal>`
 */
export function planVolumes(
  set: string,
  templates: { readonly stored: readonly JsonObject[]; readonly wanted: readonly JsonObject[] },
  claims: readonly SeenVolumeClaim[],
): VolumesMove {
  const wanted = templates.wanted.map(volumeOf);
  const stored = templates.stored.map(volumeOf);
  const pairs = wanted.flatMap((want) => {
    const have = stored.find(({ name }) => name === want.name);
    return have ? [{ want, have }] : [];
  });
  if (pairs.length !== wanted.length || wanted.length !== stored.length) return { kind: 'fit' };
  for (const { want, have } of pairs) {
    const what = `volume ${want.name} of StatefulSet ${set}`;
    if (bytesOf(want.size) < bytesOf(have.size))
      return {
        kind: 'keep',
        differs: 'size',
        because: `${what} has ${have.size} and cannot shrink to ${want.size}`,
      };
    if (want.class !== undefined && have.class !== undefined && want.class !== have.class)
      return { kind: 'keep', differs: 'class', because: `${what} is of class ${have.class} and stays so` };
  }
  const small = pairs.flatMap(({ want }) =>
    claims
      .filter(({ name, requested }) => isOf(want.name, set, name) && bytesOf(requested) < bytesOf(want.size))
      .map(({ name }) => ({ name, size: want.size })),
  );
  if (small.length > 0) return { kind: 'grow', claims: small };
  return pairs.some(({ want, have }) => bytesOf(want.size) !== bytesOf(have.size))
    ? { kind: 'renew' }
    : { kind: 'fit' };
}

const isOf = (template: string, set: string, claim: string): boolean =>
  claim.startsWith(`${template}-${set}-`) && /^\d+$/.test(claim.slice(template.length + set.length + 2));

function volumeOf(template: JsonObject) {
  const spec = objectAt(template, 'spec');
  const size = objectAt(objectAt(spec, 'resources'), 'requests')['storage'];
  const storageClass = spec['storageClassName'];
  return {
    name: String(asObject(template['metadata'])['name']),
    size: String(size),
    class: typeof storageClass === 'string' ? storageClass : undefined,
  };
}

const units: Readonly<Record<string, number>> = {
  ...Object.fromEntries(['k', 'M', 'G', 'T', 'P', 'E'].map((unit, at) => [unit, 1000 ** (at + 1)])),
  ...Object.fromEntries(['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((unit, at) => [unit, 1024 ** (at + 1)])),
  '': 1,
  m: 1 / 1000,
};

/** Bytes of a Kubernetes quantity; NaN for what is none, which no comparison holds for. */
export function bytesOf(quantity: string): number {
  const [, number = '', unit = ''] = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
  return number === '' ? Number.NaN : Number(number) * (units[unit] ?? Number.NaN);
}
