import { createHash } from 'node:crypto';
import { isObject } from './json.ts';

/** Sixteen hexadecimal digits over a value, the same for the same JSON whatever the order of its keys. */
export const intentHash = (value: unknown): string =>
  createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16);

const canonical = (value: unknown): string => JSON.stringify(value, (_key, part: unknown) => sorted(part)) ?? 'null';

const sorted = (part: unknown): unknown =>
  isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part;
