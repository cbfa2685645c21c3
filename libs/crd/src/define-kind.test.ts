import { describe, expect, it } from '@jest/globals';
import { defineKind } from './define-kind.ts';
import {
  coreType,
  dateTime,
  listMap,
  notEmpty,
  preserveUnknown,
  quantity,
  typeName,
  withCoreFields,
  z,
  type Field,
} from './fields.ts';
import { toCrd, withConversionWebhook } from './to-crd.ts';
import { toStructural, withoutMarks } from './to-structural.ts';
import { TypeWriter } from './to-typescript.ts';

const define = (spec: Field, storage = true) =>
  defineKind({
    group: 'example.org',
    kind: 'Thing',
    plural: 'things',
    summary: 'A thing.',
    versions: [{ name: 'v1', storage, spec, status: z.object({ ok: z.boolean().optional() }), scale: true }],
  });

describe('toStructural', () => {
  it('turns our fields into what the API server takes', () => {
    const field = z.object({
      port: z.int32().min(1).max(65535).default(22).describe('Port.'),
      count: z.int().optional(),
      mode: z.enum(['a', 'b']).default('a'),
      labels: z.record(z.string(), z.string()).optional(),
      free: preserveUnknown().optional(),
      size: quantity().optional(),
      at: dateTime().optional(),
      list: z
        .array(z.object({ type: z.string() }))
        .max(3)
        .meta(listMap('type'))
        .optional(),
      sub: z.object({ a: z.string().optional() }).meta(notEmpty).optional(),
    });
    expect(toStructural(field)).toEqual({
      type: 'object',
      properties: {
        port: { type: 'integer', format: 'int32', minimum: 1, maximum: 65535, default: 22, description: 'Port.' },
        count: { type: 'integer', format: 'int64' },
        mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        size: expect.objectContaining({ 'x-kubernetes-int-or-string': true }),
        at: { type: 'string', format: 'date-time' },
        list: {
          type: 'array',
          maxItems: 3,
          items: { type: 'object', required: ['type'], properties: { type: { type: 'string' } } },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
        },
        sub: { type: 'object', minProperties: 1, properties: { a: { type: 'string' } } },
      },
    });
  });

  it('fills core types in, and its marks can be taken out', () => {
    const schema = toStructural(
      z.object({ job: coreType('batch/v1', 'JobSpec').describe('Job.') }).meta(typeName('Outer')),
    );
    const job = schema.properties?.['job'];
    expect(job).toMatchObject({ type: 'object', title: 'JobSpec', description: 'Job.', required: ['template'] });
    expect(withoutMarks(schema)).not.toHaveProperty('title');
    expect(withoutMarks(schema).properties?.['job']).not.toHaveProperty('x-core-type');
  });
});

describe('withCoreFields', () => {
  const schema = toStructural(withCoreFields('v1', 'VolumeSource', { path: z.string() }).meta(typeName('Mount')));

  it("puts a core type's fields beside our own", () => {
    expect(schema.properties).toMatchObject({ path: { type: 'string' }, hostPath: { required: ['path'] } });
    expect(schema.properties).not.toHaveProperty('name');
    expect(schema.required).toEqual(['path']);
    expect(withoutMarks(schema)).not.toHaveProperty('x-core-fields');
  });

  it('extends an interface of its own', () => {
    const writer = new TypeWriter();
    writer.declare('Mount', schema);
    expect([...writer.interfaces.keys()].toSorted()).toEqual(['Mount', 'VolumeSource']);
    expect(writer.interfaces.get('Mount')).toBe(
      'export interface Mount extends VolumeSource {\n  readonly path: string;\n}\n',
    );
  });
});

describe('defineKind', () => {
  it.each([
    ['a union', z.object({ a: z.union([z.string(), z.int()]) }), 'union'],
    ['a strict object', z.object({ a: z.strictObject({}) }), 'strict'],
    ['a refinement', z.object({ a: z.string().refine((text) => text !== '') }), 'celRule'],
    ['a transformation', z.object({ a: z.string().trim() }), 'transforms'],
    ['a literal', z.object({ a: z.literal('x') }), 'literal'],
    [
      'a list key that may be absent',
      z.object({ a: z.array(z.object({ k: z.string().optional() })).meta(listMap('k')) }),
      'list key k',
    ],
  ])('refuses %s', (_what, spec, message) => {
    expect(() => define(spec)).toThrow(message);
  });

  it('refuses a kind without a stored version', () => {
    expect(() => define(z.object({}), false)).toThrow('exactly one version must be stored');
  });
});

describe('toCrd', () => {
  const crd = toCrd(define(z.object({ replicas: z.int32().default(1) })));

  it('writes names, versions and subresources', () => {
    expect(crd.metadata).toEqual({ name: 'things.example.org' });
    expect(crd.spec).toMatchObject({
      names: { kind: 'Thing', listKind: 'ThingList', plural: 'things', singular: 'thing' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas' } },
          schema: { openAPIV3Schema: { required: ['spec'] } },
        },
      ],
    });
    expect(crd.spec).not.toHaveProperty('conversion');
  });

  it('adds conversion where it is asked for', () => {
    const service = { namespace: 'n', name: 's', path: '/convert' };
    expect(withConversionWebhook(crd, { service }).spec['conversion']).toEqual({
      strategy: 'Webhook',
      webhook: { clientConfig: { service }, conversionReviewVersions: ['v1'] },
    });
  });
});
