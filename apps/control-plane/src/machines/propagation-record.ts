import { sortedJson } from './json.ts';
import type { Propagated } from './propagated.ts';

/**
 * On the objects of a controller: which keys came from the template, as JSON, so that one that the template loses is taken
 * away. The owned fields of a server-side apply would tell the same, but not after `clusterctl move`, which becomes the owner
 * of all that it writes (SR-1).
 */
export const recordAnnotation = 'controlplane.k0smotron.io/propagated';

/** Keys that came from the template, by part. */
export type PropagationRecord = Readonly<Partial<Record<keyof Propagated, readonly string[]>>>;

const parts = ['labels', 'annotations', 'deletion', 'spec', 'taints'] as const;

/** The record of an object. A text that is none counts as an empty one: then nothing is taken away. */
export function recordIn(annotations: Readonly<Record<string, string>> | undefined): PropagationRecord {
  const text = annotations?.[recordAnnotation];
  if (text === undefined) return {};
  try {
    const parsed = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    return Object.fromEntries(parts.flatMap((part) => (Array.isArray(parsed?.[part]) ? [[part, parsed[part]]] : [])));
  } catch {
    return {};
  }
}

/** The record after propagation; parts that are not propagated stay as they were. */
export function recordAfter(before: PropagationRecord, propagated: Propagated): PropagationRecord {
  const keysOf = (part: keyof Propagated): readonly string[] => {
    const fields = propagated[part];
    return fields ? Object.keys(fields).sort() : (before[part] ?? []);
  };
  return Object.fromEntries(parts.flatMap((part) => (keysOf(part).length > 0 ? [[part, keysOf(part)]] : [])));
}

/** The annotation that holds a record; none for an empty one. */
export const recordAnnotations = (record: PropagationRecord): Readonly<Record<string, string>> =>
  Object.keys(record).length > 0 ? { [recordAnnotation]: sortedJson(record) } : {};
