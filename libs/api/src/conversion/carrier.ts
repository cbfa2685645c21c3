import type { Entry } from './difference.ts';
import { canonical, isObject, type JsonObject } from './json.ts';
import { annotations } from '../names/annotations.ts';
import type { Hints, VersionName } from './rule.ts';

/** What travels in the annotation `cluster.x-k8s.io/conversion-data` (SR-15). */
export interface Carrier {
  /** The version that the entries belong to: the other one than the object's. */
  readonly for: VersionName;
  readonly hints?: Hints;
  readonly entries?: readonly Entry[];
}

const key = annotations.conversionData;

const isEntry = (value: unknown): value is Entry =>
  isObject(value) &&
  Array.isArray(value['path']) &&
  value['path'].every((name) => typeof name === 'string') &&
  typeof value['under'] === 'number' &&
  typeof value['belongs'] === 'string';

/** The annotation is users' to edit: anything that is not ours counts as absent. */
function parseCarrier(text: string): Carrier | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isObject(parsed) || (parsed['for'] !== 'v1beta1' && parsed['for'] !== 'v1beta2')) return undefined;
    const { hints, entries } = parsed;
    return {
      for: parsed['for'],
      ...(isObject(hints) && { hints }),
      ...(Array.isArray(entries) && { entries: entries.filter(isEntry) }),
    };
  } catch {
    return undefined;
  }
}

/** The metadata without the annotation, and what was in it for `version`. */
export function unload(metadata: unknown, version: VersionName): { metadata: unknown; carrier?: Carrier } {
  if (!isObject(metadata) || !isObject(metadata['annotations'])) return { metadata };
  const { [key]: text, ...others } = metadata['annotations'];
  if (typeof text !== 'string') return { metadata };
  const { annotations: _all, ...rest } = metadata;
  const bare = Object.keys(others).length > 0 ? { ...rest, annotations: others } : rest;
  const carrier = parseCarrier(text);
  return { metadata: bare, ...(carrier?.for === version && { carrier }) };
}

/** The metadata with the annotation, when there is anything to carry. */
export function load(metadata: unknown, carrier: Carrier): unknown {
  const empty = Object.keys(carrier.hints ?? {}).length === 0 && (carrier.entries ?? []).length === 0;
  if (empty) return metadata;
  const rest: JsonObject = isObject(metadata) ? metadata : {};
  const others = isObject(rest['annotations']) ? rest['annotations'] : {};
  return { ...rest, annotations: { ...others, [key]: canonical(carrier) } };
}
