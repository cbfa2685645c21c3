import coreTypes from './generated/core-types.json' with { type: 'json' };
import type { StructuralSchema } from './structural-schema.ts';

/** The fragment for one core type (`batch/v1.JobSpec`), without descriptions. Throws when it was never cut. */
export function coreTypeSchema(name: string): StructuralSchema {
  const found = (coreTypes.types as Readonly<Record<string, unknown>>)[name];
  if (found === undefined) throw new Error(`no fragment for ${name}: add it to libs/crd/generate/core-types.ts`);
  return found as StructuralSchema;
}

/** The object without the fields that it takes over from a core type; other schemas as they are. */
export function ownFieldsOf(schema: StructuralSchema): StructuralSchema {
  const shared = schema['x-core-fields'];
  if (shared === undefined) return schema;
  const { properties = {} } = coreTypeSchema(shared);
  const own = Object.entries(schema.properties ?? {}).filter(([name]) => properties[name] === undefined);
  return { ...schema, properties: Object.fromEntries(own) };
}
