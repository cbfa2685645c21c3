import { isDeepStrictEqual } from 'node:util';
import { asObject, textsOf } from './json.ts';

/** What can be changed in place, at one pointer. */
type Container = Record<string, unknown> | unknown[];

/**
 * A JSON patch (RFC 6902), made on a copy.
 *
 * @throws Error naming the operation and the pointer that it could not follow
 */
export function jsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw new Error('a JSON patch is a list of operations');
  // One level above the document, so that the empty pointer is a place like any other.
  const root: Container = { document: structuredClone(document) };
  for (const operation of operations) perform(root, asObject(operation));
  return root.document;
}

function perform(root: Container, { op, path, from, value }: Readonly<Record<string, unknown>>): void {
  const [target] = textsOf([path]);
  if (target === undefined) throw new Error(`operation ${JSON.stringify(op)} has no path`);
  const source = textsOf([from])[0] ?? '';
  switch (op) {
    case 'add':
      return put(root, target, structuredClone(value));
    case 'remove':
      return void take(root, target);
    case 'replace':
      take(root, target);
      return put(root, target, structuredClone(value));
    case 'move':
      return put(root, target, take(root, source));
    case 'copy':
      return put(root, target, structuredClone(read(root, source)));
    case 'test':
      if (!isDeepStrictEqual(read(root, target), value)) throw new Error(`test: ${target} is something else`);
      return;
    default:
      throw new Error(`${JSON.stringify(op)} is no operation: write add, remove, replace, move, copy or test`);
  }
}

function put(root: Container, pointer: string, value: unknown): void {
  const [holder, key] = placeOf(root, pointer);
  if (!Array.isArray(holder)) define(holder, key, value);
  else if (key === '-') holder.push(value);
  else holder.splice(indexIn(key, holder.length, pointer), 0, value);
}

function take(root: Container, pointer: string): unknown {
  const [holder, key] = placeOf(root, pointer);
  if (Array.isArray(holder)) return holder.splice(indexIn(key, holder.length - 1, pointer), 1)[0];
  const value = read(root, pointer);
  delete holder[key];
  return value;
}

function read(root: Container, pointer: string): unknown {
  const [holder, key] = placeOf(root, pointer);
  if (Array.isArray(holder)) return holder[indexIn(key, holder.length - 1, pointer)];
  if (!Object.hasOwn(holder, key)) throw new Error(`there is nothing at ${pointer}`);
  return holder[key];
}

/** The object or list that a pointer ends in, and the key there. */
function placeOf(root: Container, pointer: string): [Container, string] {
  if (pointer !== '' && !pointer.startsWith('/')) throw new Error(`${pointer} is no JSON pointer: begin it with /`);
  const keys = `/document${pointer}`.slice(1).split('/').map(unescape);
  const last = keys.pop() ?? '';
  let holder: unknown = root;
  for (const key of keys) {
    holder = Array.isArray(holder)
      ? (holder[indexIn(key, holder.length - 1, pointer)] as unknown)
      : Object.getOwnPropertyDescriptor(asObject(holder), key)?.value;
  }
  if (typeof holder !== 'object' || holder === null) throw new Error(`there is nothing at ${pointer}`);
  return [holder as Container, last];
}

const unescape = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');

function indexIn(key: string, highest: number, pointer: string): number {
  if (!/^(0|[1-9]\d*)$/.test(key) || Number(key) > highest) throw new Error(`there is nothing at ${pointer}`);
  return Number(key);
}

/** Also for `__proto__`, which is a key like any other in a patch. */
const define = (holder: Record<string, unknown>, key: string, value: unknown): void => {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
};
