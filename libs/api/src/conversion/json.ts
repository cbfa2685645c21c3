import { createHash } from 'node:crypto';

/** A JSON object whose fields are not known. */
export type JsonObject = Record<string, unknown>;

/** Where a value is: property names from the root. Never through a list: lists are compared and kept whole. */
export type Path = readonly string[];

/** True for `{…}`, not for lists and null. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An own field. Names come from users, and `__proto__` is a name like any other. */
export const fieldOf = (node: unknown, name: string): unknown =>
  isObject(node) && Object.hasOwn(node, name) ? node[name] : undefined;

/** The value at a path, or undefined. */
export const valueAt = (root: unknown, path: Path): unknown => path.reduce(fieldOf, root);

/** The object at a path, or undefined when there is none. */
export function objectAt(root: unknown, path: Path): JsonObject | undefined {
  const found = valueAt(root, path);
  return isObject(found) ? found : undefined;
}

function setField(node: JsonObject, name: string, value: unknown): void {
  Object.defineProperty(node, name, { value, enumerable: true, writable: true, configurable: true });
}

/**
 * The object that holds the last part of a path, made ready to be changed. Only `root` is the caller's own: the objects on
 * the way are copied, so that everything that is not touched stays shared with the object that was converted (ER-4: large
 * objects must not cost time).
 */
function ownParent(root: JsonObject, path: Path): JsonObject {
  let node = root;
  for (const name of path.slice(0, -1)) {
    const next = fieldOf(node, name);
    const copy = isObject(next) ? { ...next } : {};
    setField(node, name, copy);
    node = copy;
  }
  return node;
}

/** Sets a value below `root`, making the objects on the way. */
export function setAt(root: JsonObject, path: Path, value: unknown): void {
  const last = path.at(-1);
  if (last !== undefined) setField(ownParent(root, path), last, value);
}

/** Takes a value out below `root`, and returns it. */
export function takeAt(root: JsonObject, path: Path): unknown {
  const parent = objectAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (parent === undefined || last === undefined || !Object.hasOwn(parent, last)) return undefined;
  const own = ownParent(root, path);
  const value = own[last];
  delete own[last];
  return value;
}

/** JSON with sorted keys: equal values give equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'undefined';
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${fields.join(',')}}`;
}

/** A short fingerprint of several values. */
export const fingerprint = (values: readonly unknown[]): string =>
  createHash('sha256').update(values.map(canonical).join('\n')).digest('hex').slice(0, 16);
