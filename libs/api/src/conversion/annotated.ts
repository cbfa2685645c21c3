import { canonical, isObject, objectAt, setAt, takeAt, valueAt, type JsonObject, type Path } from './json.ts';
import type { Rule } from './rule.ts';

const all: Path = ['metadata', 'annotations'];

/** Where an annotation is. */
export const annotationPath = (key: string): Path => [...all, key];

/** Takes an annotation out, and returns it; no empty map of annotations is left. */
export function takeAnnotation(draft: JsonObject, key: string): unknown {
  const value = takeAt(draft, annotationPath(key));
  const rest = objectAt(draft, all);
  if (rest !== undefined && Object.keys(rest).length === 0) takeAt(draft, all);
  return value;
}

const isTextMap = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every((text) => typeof text === 'string');

/** What an annotation says, when it is JSON that the field may hold: users can write there too. */
function saidBy(text: unknown, type: 'text' | 'texts'): unknown {
  try {
    const value: unknown = JSON.parse(String(text));
    return (type === 'text' ? typeof value === 'string' : isTextMap(value)) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A v1beta1 field, of an object that both versions have, that v1beta2 has as JSON in an annotation. This is the original's way, and it stays: objects that it stored
 * have these annotations, and what they say is acted on.
 */
export function annotated(field: Path, key: string, type: 'text' | 'texts'): Rule {
  const annotation = annotationPath(key);
  return {
    up: (draft) => {
      const value = takeAt(draft, field);
      if (value !== undefined) setAt(draft, annotation, canonical(value));
    },
    down: (draft) => {
      const value = saidBy(valueAt(draft, annotation), type);
      if (value === undefined || objectAt(draft, field.slice(0, -1)) === undefined) return;
      takeAnnotation(draft, key);
      setAt(draft, field, value);
    },
    guards: [
      { version: 'v1beta1', path: field, belongsTo: [annotation] },
      { version: 'v1beta1', path: annotation, belongsTo: [annotation] },
      { version: 'v1beta2', path: annotation, belongsTo: [field] },
    ],
  };
}
