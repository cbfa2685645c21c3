import type { Finding } from '@k0smotron/core';

/** The part of a JSON Schema that our words are made of. */
interface Rules {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly enum?: readonly (string | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** Values beside those of `enum` are taken and mean nothing. */
  readonly 'x-k0s-takes-others'?: true;
}

/** What the generated code tells of one error, as ajv does with `verbose`. */
interface SchemaError {
  /** JSON pointer to the value; of unknown and missing fields to their object. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: { readonly additionalProperty?: string; readonly missingProperty?: string; readonly type?: unknown };
  readonly parentSchema: Rules;
  readonly data: unknown;
}

/** The code that ajv made of a schema: false with `errors` when a value breaks it. */
export interface SchemaValidator {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** Whatever in a value its schema does not know, in our words: one finding for each field. */
export function schemaFindings(value: unknown, validate: SchemaValidator, field: string): Finding[] {
  if (value === undefined || validate(value)) return [];
  const found = new Map<string, Finding>();
  for (const error of validate.errors ?? []) {
    const finding = findingOf(error, `${field}${pathOf(error.instancePath)}`);
    if (!found.has(finding.field)) found.set(finding.field, finding);
  }
  return [...found.values()];
}

/** `/charts/0/name` as `.charts[0].name`. */
const pathOf = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part.replaceAll('~1', '/').replaceAll('~0', '~')}`))
    .join('');

function findingOf({ keyword, params, parentSchema: rules, data }: SchemaError, field: string): Finding {
  switch (keyword) {
    case 'additionalProperties':
      return unknownField(field, params.additionalProperty ?? '', Object.keys(rules.properties ?? {}));
    case 'required':
      return { field: `${field}.${params.missingProperty}`, message: 'is missing: write it' };
    case 'type':
      return { field, message: `must be ${typesOf(params.type).join(' or ')}, not ${typeOf(data)}` };
    default:
      return { field, message: messageOf(keyword, rules, data), ...(rules['x-k0s-takes-others'] && { warning: true }) };
  }
}

/** k0s reads names in any case; we do not. */
function unknownField(object: string, name: string, names: readonly string[]): Finding {
  const field = `${object}.${name}`;
  const meant = names.find((known) => known.toLowerCase() === name.toLowerCase());
  if (meant !== undefined) return { field, message: `write ${meant}`, warning: true };
  return { field, message: `is no field of k0s's ClusterConfig: take it out, or write one of ${names.join(', ')}` };
}

function messageOf(keyword: string, { minimum, maximum, ...rules }: Rules, data: unknown): string {
  const value = JSON.stringify(data);
  switch (keyword) {
    case 'enum':
      return `is ${value}: write one of ${(rules.enum ?? []).filter((each) => each).join(', ')}`;
    case 'minimum':
    case 'maximum':
      return `is ${value}: write a number from ${minimum} to ${maximum}`;
    case 'minLength':
    case 'minItems':
      return 'is empty: write it';
    case 'maxLength':
      return `is too long: write at most ${rules.maxLength} characters`;
    case 'pattern':
      return `is ${value}: write what fits ${rules.pattern}`;
    default:
      return `is ${value}, which k0s does not take (${keyword})`;
  }
}

const typesOf = (types: unknown): unknown[] => [types].flat().filter((type) => type !== 'null');

function typeOf(value: unknown): string {
  if (value === null || Array.isArray(value)) return value === null ? 'null' : 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
