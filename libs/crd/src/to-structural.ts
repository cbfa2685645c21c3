import { z } from 'zod';
import { coreTypeSchema } from './core-types.ts';
import type { Field } from './fields.ts';
import { inKeyOrder, mapSchema, type StructuralSchema } from './structural-schema.ts';

const allowed = new Set([
  'object',
  'string',
  'number',
  'boolean',
  'array',
  'record',
  'enum',
  'optional',
  'default',
  'any',
]);

const numberFormats: Readonly<Record<string, string>> = { int32: 'int32', safeint: 'int64' };

const typeLimits = new Set([2147483647, -2147483648, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);

interface ZodNode {
  readonly _zod: {
    readonly def: {
      readonly type: string;
      readonly format?: string;
      readonly catchall?: unknown;
      readonly checks?: readonly { readonly _zod: { readonly def: { readonly check?: string } } }[];
    };
  };
}

/** What in this zod node has no place in a CRD, or undefined. */
function unsuitable({ _zod: { def } }: ZodNode): string | undefined {
  if (!allowed.has(def.type)) return `${def.type} has no structural form`;
  if (def.type === 'object' && def.catchall !== undefined) return 'strict and loose objects have no structural form';
  if (def.checks?.some((check) => check._zod.def.check === 'custom'))
    return 'refine() has no structural form: use celRule';
  if (def.checks?.some((check) => check._zod.def.check === 'overwrite')) return 'transforms have no structural form';
  return undefined;
}

/** zod leaves the limits of the number type itself in the schema; they say nothing and cost bytes. */
function tidyNumber(json: Record<string, unknown>, node: ZodNode): void {
  if (json['type'] !== 'integer') return;
  const format = numberFormats[node._zod.def.format ?? ''];
  if (format !== undefined) json['format'] = format;
  for (const bound of ['minimum', 'maximum']) if (typeLimits.has(Number(json[bound]))) delete json[bound];
}

function fillCoreType(node: StructuralSchema): StructuralSchema {
  const name = node['x-core-type'];
  const shared = node['x-core-fields'];
  if (shared !== undefined)
    return { ...node, properties: { ...node.properties, ...coreTypeSchema(shared).properties } };
  if (name === undefined) return node;
  return { ...coreTypeSchema(name), title: name.split('.').at(-1), description: node.description, 'x-core-type': name };
}

/**
 * A zod schema as a Kubernetes structural schema. Names for types (`title`) and core type marks stay in it, for the other
 * generators; {@link withoutMarks} takes them out. Throws on what a CRD cannot say: unions, strict objects, refinements,
 * transforms.
 */
export function toStructural(field: Field, where = 'schema'): StructuralSchema {
  const json = z.toJSONSchema(field, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema, path }) => {
      const problem = unsuitable(zodSchema);
      if (problem !== undefined) throw new Error(`${where}.${path.join('.')}: ${problem}`);
      tidyNumber(jsonSchema, zodSchema);
    },
  });
  return mapSchema(json as StructuralSchema, (node) => inKeyOrder(fillCoreType(node)));
}

/** The schema as it goes into a CRD: without the marks that only our generators read. */
export const withoutMarks = (schema: StructuralSchema): StructuralSchema =>
  mapSchema(schema, ({ title: _title, 'x-core-type': _coreType, 'x-core-fields': _coreFields, ...node }) => node);
