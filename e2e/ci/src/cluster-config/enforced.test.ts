import { describe, expect, it } from '@jest/globals';
import type { CrdSchema } from './crd.ts';
import { Enforced } from './enforced.ts';
import { Place } from './place.ts';

const text: CrdSchema = { type: 'string', minLength: 1, pattern: '^[a-z]+$' };
const schema: CrdSchema = {
  type: 'object',
  properties: {
    list: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: text } } },
    free: { type: 'object', additionalProperties: { type: 'string' } },
    choice: { type: 'string', enum: ['a', 'b'] },
    port: { type: 'integer', minimum: 1, maximum: 9 },
  },
};
type Spec = Readonly<Record<string, unknown>> & { readonly list?: readonly { readonly name?: string }[] };

/** A k0s that wants names and small numbers, and knows no choices. */
const strict = (spec: unknown): boolean => {
  const { list = [], port = 0 } = spec as Spec;
  return list.every(({ name = '' }) => /^[a-z]+$/.test(name)) && Number(port) >= 0 && Number(port) < 10;
};

describe('what k0s enforces', () => {
  it('is a rule, and types and names are always', () => {
    const name = { type: ['string'], minLength: 1, pattern: '^[a-z]+$' };
    expect(new Enforced(strict).schemaOf(schema, new Place())).toEqual({
      type: ['object', 'null'],
      additionalProperties: false,
      properties: {
        list: {
          type: ['array', 'null'],
          items: { type: ['object', 'null'], required: ['name'], additionalProperties: false, properties: { name } },
        },
        free: { type: ['object', 'null'], additionalProperties: { type: ['string', 'null'] } },
        choice: { type: ['string', 'null'], enum: ['a', 'b', '', null], 'x-k0s-takes-others': true },
        port: { type: ['integer', 'null'], minimum: 0, maximum: 9 },
      },
    });
  });

  it('is nothing where it takes all', () => {
    const { properties } = new Enforced(() => true).schemaOf(schema, new Place());
    expect(properties?.['list']?.items).toEqual({
      type: ['object', 'null'],
      additionalProperties: false,
      properties: { name: { type: ['string', 'null'] } },
    });
    expect(properties?.['port']).toEqual({ type: ['integer', 'null'] });
  });

  it('cannot be told by one that refuses good values, too', () => {
    expect(() => new Enforced(() => false).schemaOf(schema, new Place())).toThrow(
      'k0s refuses {"name":"a"} as list.[]',
    );
  });
});
