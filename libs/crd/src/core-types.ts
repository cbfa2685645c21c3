import coreTypes from './generated/core-types.json' with { type: 'json' };
import type { StructuralSchema } from './structural-schema.ts';

/** The fragment for one core type (`batch/v1.JobSpec`), without descriptions. Throws when it was never cut. */
export function coreTypeSchema(name: string): StructuralSchema {
  const found = (coreTypes.types as Readonly<Record<string, unknown>>)[name];
  if (found === undefined) throw new Error(`no fragment for ${name}: add it to libs/crd/generate/core-types.ts`);
  return found as StructuralSchema;
}
