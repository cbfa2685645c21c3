import type { KindDeclaration } from '@k0smotron/crd';
import fc from 'fast-check';
import type { JsonObject } from '../src/conversion/json.ts';
import { annotations } from '../src/names/annotations.ts';
import { arbitraryValue } from './arbitrary-value.ts';

const metadata = fc.record(
  {
    name: fc.constantFrom('a', 'b'),
    namespace: fc.constant('default'),
    uid: fc.constant('11111111-2222-3333-4444-555555555555'),
    labels: fc.constant({ 'cluster.x-k8s.io/cluster-name': 'c' }),
    annotations: fc.record(
      {
        'example.org/note': fc.constant('kept'),
        [annotations.clusterRefNamespace]: fc.constantFrom('default', 'other', ''),
        [annotations.droppedService.labels]: fc.constantFrom('{"a":"b"}', '{ "b": "c", "a": "d" }', '3', 'no JSON'),
        [annotations.droppedService.loadBalancerClass]: fc.constantFrom('"internal"', '{}'),
      },
      { requiredKeys: ['example.org/note'] },
    ),
  },
  { requiredKeys: ['name'] },
);

/** Objects of one declared kind and version, made from its schema. */
export function arbitraryObjectOf(declaration: KindDeclaration, versionName: string): fc.Arbitrary<JsonObject> {
  const version = declaration.versions.find(({ name }) => name === versionName);
  if (version === undefined) throw new Error(`${declaration.kind} has no version ${versionName}`);
  const { spec, status, specRequired } = version;
  return fc.record(
    {
      apiVersion: fc.constant(`${declaration.group}/${versionName}`),
      kind: fc.constant(declaration.kind),
      metadata,
      spec: arbitraryValue(spec),
      ...(status && { status: arbitraryValue(status) }),
    },
    { requiredKeys: ['apiVersion', 'kind', 'metadata', ...(specRequired ? (['spec'] as const) : [])] },
  );
}
