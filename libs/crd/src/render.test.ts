import { describe, expect, it } from '@jest/globals';
import { defineKind } from './define-kind.ts';
import { coreType, typeName, withCoreFields, z } from './fields.ts';
import { pluralOf } from './pluralize.ts';
import { structuralProblems } from './structural-problems.ts';
import { toClusterRole } from './to-cluster-role.ts';
import { toMarkdown } from './to-markdown.ts';
import { toStructural } from './to-structural.ts';
import { TypeWriter } from './to-typescript.ts';

const inner = z.object({ name: z.string().default('x') }).meta(typeName('Inner'));
const schema = toStructural(
  z.object({
    inner: inner.optional().describe('An inner one.'),
    many: z.array(inner),
    mode: z.enum(['a', 'b']).optional(),
    modes: z.array(z.enum(['a', 'b'])).optional(),
    byName: z.record(z.string(), inner).optional(),
  }),
);

describe('TypeWriter', () => {
  it('names structures once, and knows that defaulted fields are there', () => {
    const writer = new TypeWriter();
    writer.declare('Outer', schema);
    expect([...writer.interfaces.keys()]).toEqual(['Inner', 'Outer']);
    expect(writer.interfaces.get('Inner')).toContain('readonly name: string;');
    const outer = writer.interfaces.get('Outer') ?? '';
    expect(outer).toContain('/** An inner one. */\n  readonly inner?: Inner;');
    expect(outer).toContain('readonly many: readonly Inner[];');
    expect(outer).toContain("readonly mode?: 'a' | 'b';");
    expect(outer).toContain("readonly modes?: readonly ('a' | 'b')[];");
    expect(outer).toContain('readonly byName?: Readonly<Record<string, Inner>>;');
  });

  it('refuses two structures of one name', () => {
    const writer = new TypeWriter();
    writer.declare('Outer', schema);
    const other = toStructural(z.object({ a: z.object({ b: z.string() }).meta(typeName('Inner')) }));
    expect(() => writer.declare('Another', other)).toThrow('two different structures are both named Inner');
  });
});

describe('structuralProblems', () => {
  it.each([
    [{ properties: {} }, 'has no type'],
    [{ type: 'array' }, 'array without items'],
    [{ type: 'object', required: ['a'], properties: {} }, 'requires a'],
    [{ type: 'string', enum: ['a'], default: 'b' }, 'default is not in enum'],
    [{ type: 'object', properties: {}, additionalProperties: { type: 'string' } }, 'both properties'],
    [{ type: 'object', properties: { a: { type: 'string', oneOf: [] } } }, 'oneOf is not structural'],
  ] as const)('finds %j', (node, problem) => {
    expect(structuralProblems(node).join()).toContain(problem);
  });
});

describe('pluralOf', () => {
  it.each([
    ['RemoteMachine', 'remotemachines'],
    ['Policy', 'policies'],
    ['K0sControlPlane', 'k0scontrolplanes'],
  ])('%s is %s', (kind, plural) => expect(pluralOf(kind)).toBe(plural));

  it.each(['Box', 'Class', 'Leaf'])('leaves %s to a person', (kind) => expect(() => pluralOf(kind)).toThrow('flect'));
});

describe('toClusterRole', () => {
  it('merges and sorts, so that the order of controllers does not matter', () => {
    const permissions = [
      { groups: [''], resources: ['secrets'], verbs: ['create', 'get'] },
      { groups: [''], resources: ['secrets', 'configmaps'], verbs: ['get'] },
      { groups: [''], resources: ['configmaps'], verbs: ['create'] },
      { groups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['update'], names: ['b', 'a'] },
    ];
    const role = toClusterRole('service', permissions);
    expect(role.rules).toEqual([
      { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get', 'create'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['a', 'b'], verbs: ['update'] },
    ]);
    expect(toClusterRole('service', permissions.toReversed())).toEqual(role);
  });
});

describe('toMarkdown', () => {
  it('lists the fields of each version, newest first', () => {
    const version = (name: string) => ({ name, storage: name === 'v2', spec: z.object({ [name]: inner.optional() }) });
    const versions = [version('v1'), version('v2')];
    const page = toMarkdown(defineKind({ group: 'g', kind: 'Thing', plural: 'things', summary: 'A thing.', versions }));
    expect(page.indexOf('`spec.v2.name`')).toBeLessThan(page.indexOf('`spec.v1.name`'));
    expect(page).toContain('## v2 (served, stored)');
  });

  it('names a core type instead of listing its fields', () => {
    const mounts = z.array(withCoreFields('v1', 'VolumeSource', { path: z.string() }));
    const spec = z.object({ mounts, limits: coreType('v1', 'ResourceRequirements') });
    const versions = [{ name: 'v1', storage: true, spec }];
    const page = toMarkdown(defineKind({ group: 'g', kind: 'Thing', plural: 'things', summary: 'A thing.', versions }));
    expect(page).toContain('list of object, with the fields of v1 VolumeSource of Kubernetes');
    expect(page).toContain('`spec.mounts[].path`');
    expect(page).not.toMatch(/hostPath|requests/);
  });
});
