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

/** Sets a value in place, making the objects on the way. */
export function setAt(root: JsonObject, path: Path, value: unknown): void {
  const last = path.at(-1);
  if (last === undefined) return;
  let node = root;
  for (const name of path.slice(0, -1)) {
    const next = fieldOf(node, name);
    const child = isObject(next) ? next : {};
    if (child !== next) setField(node, name, child);
    node = child;
  }
  setField(node, last, value);
}

/** Takes a value out in place, and returns it. */
export function takeAt(root: JsonObject, path: Path): unknown {
  const parent = objectAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (parent === undefined || last === undefined) return undefined;
  const value = fieldOf(parent, last);
  delete parent[last];
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
