import { join } from 'node:path';
import type { JsonSchema } from './enforced.ts';

const generated = join(import.meta.dirname, '../../../../libs/k0s/src/generated');

/** What the generator of the schema writes and that of the validator reads. */
export const schemaFile = join(generated, 'cluster-config-schema.json');

/** What libs/k0s checks with. */
export const validatorFile = join(generated, 'cluster-config-validator.ts');

/** A schema and the k0s that it was cut out of. */
export interface SchemaFile {
  readonly version: string;
  readonly schema: JsonSchema;
}
