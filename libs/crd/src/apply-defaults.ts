import type { StructuralSchema } from './structural-schema.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the API server stores for `value`: absent fields with a default are filled in. The input is not changed. */
export function applyDefaults(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) return schema.items ? value.map((item) => applyDefaults(schema.items ?? {}, item)) : value;
  if (!isObject(value)) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (filled[name] === undefined && child.default !== undefined) filled[name] = structuredClone(child.default);
    if (filled[name] !== undefined) filled[name] = applyDefaults(child, filled[name]);
  }
  if (schema.additionalProperties) {
    for (const name of Object.keys(filled)) filled[name] = applyDefaults(schema.additionalProperties, filled[name]);
  }
  return filled;
}
