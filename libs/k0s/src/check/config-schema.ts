import type { Finding } from '@k0smotron/core';

/** The part of a structural schema that k0s enforces when it reads its file. */
export interface ConfigSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, ConfigSchema>>;
  readonly items?: ConfigSchema;
  readonly additionalProperties?: ConfigSchema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** Whatever in a value its schema does not know. Null is nothing, as for k0s. */
export function schemaFindings(value: unknown, schema: ConfigSchema, field: string): Finding[] {
  if (value === undefined || value === null) return [];
  const type = typeOf(value);
  const wanted = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : [schema.type ?? type];
  if (!wanted.includes(type) && !(type === 'integer' && wanted.includes('number'))) {
    return [{ field, message: `must be ${wanted.join(' or ')}, not ${type}` }];
  }
  if (Array.isArray(value)) {
    const { items = {} } = schema;
    return value.flatMap((item, at) => schemaFindings(item, items, `${field}[${at}]`));
  }
  if (type === 'object') return objectFindings(value as Readonly<Record<string, unknown>>, schema, field);
  return valueFindings(value, schema, field);
}

function objectFindings(
  value: Readonly<Record<string, unknown>>,
  { properties, additionalProperties, ...schema }: ConfigSchema,
  field: string,
): Finding[] {
  return Object.entries(value).flatMap(([name, child]) => {
    const path = `${field}.${name}`;
    const known = properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (known) return schemaFindings(child, known, path);
    if (!properties || schema['x-kubernetes-preserve-unknown-fields']) return [];
    return unknownField(path, name, Object.keys(properties));
  });
}

/** k0s reads names in any case; we do not. */
function unknownField(field: string, name: string, names: readonly string[]): Finding[] {
  const meant = names.find((known) => known.toLowerCase() === name.toLowerCase());
  if (meant !== undefined) return [{ field, message: `write ${meant}`, warning: true }];
  return [{ field, message: `is no field of k0s's ClusterConfig: take it out, or write one of ${names.join(', ')}` }];
}

/** Zero and the empty text are as good as unset, in Go and so for k0s. */
function valueFindings(value: unknown, schema: ConfigSchema, field: string): Finding[] {
  if (value === 0 || value === '') return [];
  const { minimum = -Infinity, maximum = Infinity } = schema;
  if (schema.enum && !schema.enum.includes(value)) {
    return [{ field, message: `is ${JSON.stringify(value)}: write one of ${schema.enum.join(', ')}` }];
  }
  if (typeof value === 'number' && (value < minimum || value > maximum)) {
    return [{ field, message: `is ${value}: write a number from ${minimum} to ${maximum}` }];
  }
  return [];
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
