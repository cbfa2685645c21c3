import {
  canonical,
  fieldOf,
  fingerprint,
  isObject,
  objectAt,
  setAt,
  takeAt,
  valueAt,
  type JsonObject,
  type Path,
} from './json.ts';
import type { Guard, VersionName } from './rule.ts';

/** One value that the other version cannot say. */
export interface Entry {
  readonly path: Path;
  /** Missing when the field must be absent, although the mapping would make one. */
  readonly value?: unknown;
  /** How many leading parts of the path must still be there for the value to come back. */
  readonly under: number;
  /** Fingerprint of what the value belongs to in the other version. */
  readonly belongs: string;
}

type Difference = Pick<Entry, 'path' | 'value' | 'under'>;

/** Where `wanted` differs from `found`, down to single values; lists count as single values. */
function differences(wanted: unknown, found: unknown, path: Path, under: number): Difference[] {
  if (wanted === found) return [];
  if (wanted === undefined) return found === undefined ? [] : [{ path, under: path.length - 1 }];
  if (!isObject(wanted)) return canonical(wanted) === canonical(found) ? [] : [{ path, value: wanted, under }];
  const other = isObject(found) ? found : undefined;
  // Sorted: the carried text must not depend on the order of fields, or each write would change the object.
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(other ?? {})])].toSorted();
  if (names.length === 0 && other === undefined) return [{ path, value: {}, under }];
  const depth = other === undefined ? under : path.length;
  return names.flatMap((name) => differences(fieldOf(wanted, name), fieldOf(other, name), [...path, name], depth));
}

const startsWith = (path: Path, prefix: Path): boolean => prefix.every((name, index) => path[index] === name);

/**
 * The parts of the other version that a field belongs to, by the longest guard; undefined where no guard is: such a field
 * is never carried, so that an edited annotation cannot write where it likes.
 */
function partsFor(path: Path, version: VersionName, guards: readonly Guard[]): readonly Path[] | undefined {
  const fitting = guards.filter((guard) => guard.version === version && startsWith(path, guard.path));
  return fitting.toSorted((a, b) => b.path.length - a.path.length)[0]?.belongsTo;
}

const fingerprintOf = (object: JsonObject, parts: readonly Path[]): string =>
  fingerprint(parts.map((part) => valueAt(object, part)));

/** What between an object and its mirrored self must be carried along. */
export interface Comparison {
  readonly version: VersionName;
  readonly guards: readonly Guard[];
  /** The object as it is. */
  readonly wanted: JsonObject;
  /** The object after a journey through the other version. */
  readonly found: JsonObject;
  /** The object in the other version. */
  readonly other: JsonObject;
}

/** The entries that turn `found` back into `wanted`. */
export function entriesFor({ version, guards, wanted, found, other }: Comparison): Entry[] {
  return differences(wanted, found, [], 0).flatMap((difference) => {
    const parts = partsFor(difference.path, version, guards);
    return parts === undefined ? [] : [{ ...difference, belongs: fingerprintOf(other, parts) }];
  });
}

/** Puts carried values back into `draft`, below it, where what they belong to in `other` has not changed since. */
export function restoreEntries(
  draft: JsonObject,
  entries: readonly Entry[],
  { version, guards, other }: Pick<Comparison, 'version' | 'guards' | 'other'>,
): void {
  for (const { path, value, under, belongs } of entries) {
    const parts = partsFor(path, version, guards);
    if (parts === undefined || fingerprintOf(other, parts) !== belongs) continue;
    if (objectAt(draft, path.slice(0, under)) === undefined) continue;
    if (value === undefined) takeAt(draft, path);
    else setAt(draft, path, value);
  }
}
