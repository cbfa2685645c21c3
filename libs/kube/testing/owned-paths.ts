/** One field of an object, as the list of its steps in JSON: `.spec`, `[type=Ready]` for an item of a keyed list. */
export type FieldPath = string;

type Json = Record<string, unknown>;

/** Lists that server-side apply merges by key; all others are replaced as a whole. `''` means a set of strings. */
const listKeys: Readonly<Record<string, string>> = {
  '.status.conditions': 'type',
  '.metadata.ownerReferences': 'uid',
  '.metadata.finalizers': '',
};

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every leaf of a value with its path. */
export function leavesOf(value: unknown, at: readonly string[] = []): Map<FieldPath, unknown> {
  const leaves = new Map<FieldPath, unknown>();
  const add = (part: unknown, step: string): void => {
    for (const [path, leaf] of leavesOf(part, [...at, step])) leaves.set(path, leaf);
  };
  const key = listKeys[at.join('')];
  if (isObject(value) && Object.keys(value).length > 0) {
    for (const [field, part] of Object.entries(value)) if (part !== undefined) add(part, `.${field}`);
  } else if (Array.isArray(value) && key !== undefined && value.length > 0) {
    for (const item of value) add(item, key === '' ? `[=${String(item)}]` : `[${key}=${String((item as Json)[key])}]`);
  } else {
    leaves.set(JSON.stringify(at), value);
  }
  return leaves;
}

/** Sets one leaf, making what lies between. */
export function setLeaf(root: Json, path: FieldPath, leaf: unknown): void {
  const steps = JSON.parse(path) as string[];
  let at: unknown = root;
  for (const [depth, step] of steps.entries()) {
    const last = depth === steps.length - 1;
    const next = steps[depth + 1];
    at = enter(at, step, last ? leaf : next?.startsWith('[') ? [] : {}, last);
  }
}

function enter(at: unknown, step: string, fallback: unknown, overwrite: boolean): unknown {
  if (!step.startsWith('[')) {
    const object = at as Json;
    const field = step.slice(1);
    if (overwrite || typeof object[field] !== 'object' || object[field] === null) object[field] = fallback;
    return object[field];
  }
  const list = at as unknown[];
  const [key, value] = keyOfStep(step);
  const index = indexIn(list, key, value);
  if (index >= 0) return list[index];
  const item = key === '' ? value : isObject(fallback) ? { [key]: value, ...fallback } : fallback;
  list.push(item);
  return item;
}

/** Removes one leaf, and what it leaves empty. */
export function removeLeaf(root: Json, path: FieldPath): void {
  removeSteps(root, JSON.parse(path) as string[]);
}

function removeSteps(at: unknown, [step, ...rest]: readonly string[]): void {
  if (step === undefined || typeof at !== 'object' || at === null) return;
  const list = Array.isArray(at) ? (at as unknown[]) : undefined;
  const place = list ? indexIn(list, ...keyOfStep(step)) : step.slice(1);
  const child = list ? list[place as number] : (at as Json)[place];
  if (child === undefined) return;
  removeSteps(child, rest);
  const empty = typeof child === 'object' && child !== null && Object.keys(child).length === 0;
  if (rest.length > 0 && !empty) return;
  if (list) list.splice(place as number, 1);
  else delete (at as Json)[place];
}

function keyOfStep(step: string): [string, string] {
  const equals = step.indexOf('=');
  return [step.slice(1, equals), step.slice(equals + 1, -1)];
}

const indexIn = (list: readonly unknown[], key: string, value: string): number =>
  list.findIndex((item) => (key === '' ? item === value : String((item as Json)[key]) === value));
