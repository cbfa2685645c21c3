import type { CrdSchema, Limits } from './crd.ts';
import { inEcmaScript } from './go-pattern.ts';
import { sampleOf, type Place } from './place.ts';

/** JSON Schema, as ajv compiles it. */
export interface JsonSchema extends Limits {
  readonly type?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | false;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly (string | null)[];
  /** k0s takes other values than those of `enum` without a word. */
  readonly 'x-k0s-takes-others'?: true;
}

/** Whether k0s takes a `spec`. */
export type Takes = (spec: unknown) => boolean;

/** No text that any of k0s's patterns takes, and longer than any of its limits. */
const nonsense = '!'.repeat(200);

/**
 * Says in JSON Schema what k0s enforces when it reads its file: types and names always, of the other rules of its CRD those
 * that it was seen to enforce. It reads its file without its CRD, and some rules stand only there.
 */
export class Enforced {
  readonly #takes: Takes;
  readonly #known = new Map<string, boolean>();

  constructor(takes: Takes) {
    this.#takes = takes;
  }

  /** @throws Error where k0s refuses what should be a good value, since then a refusal tells nothing. */
  schemaOf(schema: CrdSchema, at: Place): JsonSchema {
    const required = (schema.required ?? []).filter((name) => this.#refusesWithout(schema, name, at));
    return {
      ...(schema.type && { type: typesOf(schema) }),
      ...this.#choice(schema, at),
      ...this.#textRules(schema, at),
      ...this.#numberRules(schema, at),
      ...(schema.minItems !== undefined && this.#refuses([], schema, at) && { minItems: schema.minItems }),
      ...(required.length > 0 && { required }),
      ...this.#children(schema, required, at),
    };
  }

  #children(schema: CrdSchema, required: readonly string[], at: Place): JsonSchema {
    const { properties, additionalProperties, items } = schema;
    const field = ([name, child]: [string, CrdSchema]): [string, JsonSchema] => {
      const found = this.schemaOf(child, at.field(schema, name));
      // Null is nothing, so it is no value of what must be there.
      return [
        name,
        required.includes(name) ? { ...found, type: found.type?.filter((type) => type !== 'null') } : found,
      ];
    };
    return {
      ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(field)) }),
      ...(properties && !schema['x-kubernetes-preserve-unknown-fields'] && { additionalProperties: false }),
      ...(additionalProperties && { additionalProperties: this.schemaOf(additionalProperties, at) }),
      ...(items && { items: this.schemaOf(items, at.item(schema)) }),
    };
  }

  #choice(schema: CrdSchema, at: Place): JsonSchema {
    const values = schema.enum;
    if (!values) return {};
    const emptyTaken = !this.#refuses('', schema, at);
    return {
      enum: [...values, ...(emptyTaken ? [''] : []), null],
      ...(!this.#refuses(nonsense, schema, at) && { 'x-k0s-takes-others': true }),
    };
  }

  #textRules(schema: CrdSchema, at: Place): JsonSchema {
    const { minLength, maxLength, pattern } = schema;
    if (minLength === undefined && maxLength === undefined && pattern === undefined) return {};
    const orEmpty = !this.#refuses('', schema, at);
    return {
      ...(minLength !== undefined && !orEmpty && { minLength }),
      ...(maxLength !== undefined && this.#refuses('a'.repeat(maxLength + 1), schema, at) && { maxLength }),
      ...(pattern && this.#refuses(nonsense, schema, at) && { pattern: inEcmaScript(pattern, { orEmpty }) }),
    };
  }

  /** Zero is as good as unset in Go. */
  #numberRules(schema: CrdSchema, at: Place): JsonSchema {
    const { minimum, maximum } = schema;
    const zeroTaken = minimum === 1 && !this.#refuses(0, schema, at);
    return {
      ...(minimum !== undefined && this.#refuses(-1, schema, at) && { minimum: zeroTaken ? 0 : minimum }),
      ...(maximum !== undefined && this.#refuses(maximum + 1, schema, at) && { maximum }),
    };
  }

  #refusesWithout(schema: CrdSchema, name: string, at: Place): boolean {
    const whole = sampleOf(schema, at.name) as Readonly<Record<string, unknown>>;
    return this.#refuses(Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name)), schema, at);
  }

  #refuses(value: unknown, schema: CrdSchema, at: Place): boolean {
    const good = sampleOf(schema, at.name);
    if (!this.#ask(at.specWith(good))) throw new Error(`k0s refuses ${JSON.stringify(good)} as ${at.path}`);
    return !this.#ask(at.specWith(value));
  }

  #ask(spec: unknown): boolean {
    const text = JSON.stringify(spec);
    const answer = this.#known.get(text) ?? this.#takes(spec);
    this.#known.set(text, answer);
    return answer;
  }
}

const typesOf = (schema: CrdSchema): string[] =>
  schema['x-kubernetes-int-or-string'] ? ['integer', 'string', 'null'] : [schema.type ?? 'object', 'null'];
