import { describe, expect, it } from '@jest/globals';
import type { ComponentPatch } from '@k0smotron/api';
import { TerminalError } from '@k0smotron/core';
import { aPlane, aWorld } from '../testing/index.ts';
import { controlPlaneObjects } from './control-plane-objects.ts';
import { etcdObjects } from './etcd-objects.ts';
import { applyPatches } from './patches.ts';
import { serviceObjects } from './service-objects.ts';

const objects = [
  ...serviceObjects(aPlane()),
  ...etcdObjects(aPlane(), aWorld()),
  ...controlPlaneObjects(aPlane(), aWorld()),
];

const patch = (
  type: ComponentPatch['patch']['type'],
  content: unknown,
  kind = 'StatefulSet',
  component = 'control-plane',
): ComponentPatch => ({
  target: { kind, component },
  patch: { type, content: typeof content === 'string' ? content : JSON.stringify(content) },
});

const patchedPlane = (...patches: ComponentPatch[]) =>
  applyPatches(objects, patches).find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'kmc-blue');

describe('patches', () => {
  it('reach the objects of their kind and component, and no others', () => {
    const after = applyPatches(objects, [patch('merge', { spec: { replicas: 7 } })]);
    const changed = after.filter((object, index) => object !== objects[index]);
    expect(changed.map(({ metadata }) => metadata.name)).toEqual(['kmc-blue']);
  });

  it('are made in order, and leave what they were made from as it was', () => {
    const before = structuredClone(objects);
    const first = patch('merge', { metadata: { annotations: { a: '1' } } });
    const second = patch('json', [{ op: 'add', path: '/metadata/annotations/b~1c', value: '2' }]);
    expect(patchedPlane(first, second)?.metadata.annotations).toEqual({ a: '1', 'b/c': '2' });
    expect(objects).toEqual(before);
  });

  it('can be YAML', () => {
    const yaml = 'spec:\n  template:\n    spec:\n      nodeSelector: {pool: planes}\n';
    expect(patchedPlane(patch('strategic', yaml))).toMatchObject({
      spec: { template: { spec: { nodeSelector: { pool: 'planes' } } } },
    });
  });

  it('of type strategic merge containers, variables and mounts by name, and can delete one', () => {
    const after = patchedPlane(
      patch('strategic', {
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'controller', env: [{ name: 'HTTPS_PROXY', value: 'http://proxy' }] },
                { name: 'audit', image: 'audit:1' },
              ],
              volumes: [{ name: 'tmp', $patch: 'delete' }],
              tolerations: [{ operator: 'Exists' }],
            },
          },
        },
      }),
    )?.spec as { template: { spec: Record<'containers' | 'volumes' | 'tolerations', Record<string, unknown>[]> } };
    const { containers, volumes, tolerations } = after.template.spec;
    expect(containers.map(({ name }) => name)).toEqual(['controller', 'audit']);
    expect(containers[0]).toMatchObject({
      image: 'quay.io/k0sproject/k0s:v1.34.4-k0s.0',
      env: [{ name: 'HTTPS_PROXY' }],
    });
    expect(volumes.map(({ name }) => name)).not.toContain('tmp');
    expect(volumes.map(({ name }) => name)).toContain('config');
    expect(tolerations).toEqual([{ operator: 'Exists' }]);
  });

  it('of type strategic merge the ports of a Service by port', () => {
    const [service] = applyPatches(objects, [
      patch('strategic', { spec: { ports: [{ port: 30443, appProtocol: 'https' }] } }, 'Service'),
    ]);
    expect(service?.spec).toMatchObject({
      ports: [{ name: 'api', port: 30443, appProtocol: 'https' }, { name: 'konnectivity' }],
    });
  });

  it.each([
    [{ op: 'test', path: '/spec/replicas', value: 1 }, 1],
    [{ op: 'replace', path: '/spec/replicas', value: 2 }, 2],
    [{ op: 'copy', from: '/spec/template/spec/terminationGracePeriodSeconds', path: '/spec/replicas' }, 60],
  ])('of type json perform %j', (operation, replicas) => {
    expect(patchedPlane(patch('json', [operation]))?.spec).toMatchObject({ replicas });
  });

  it('of type json add to, move in and remove from lists', () => {
    const command = '/spec/template/spec/containers/0/command';
    const after = patchedPlane(
      patch('json', [
        { op: 'add', path: `${command}/-`, value: '--debug' },
        { op: 'move', from: `${command}/4`, path: `${command}/2` },
        { op: 'remove', path: `${command}/3` },
      ]),
    )?.spec as { template: { spec: { containers: { command: string[] }[] } } };
    expect(after.template.spec.containers[0]?.command).toEqual([
      'k0s',
      'controller',
      '--debug',
      '--enable-dynamic-config=true',
    ]);
  });

  it.each([
    ['json', [{ op: 'replace', path: '/spec/nothing/here', value: 1 }], 'there is nothing at /spec/nothing/here'],
    ['json', [{ op: 'remove', path: '/spec/template/spec/containers/5' }], 'there is nothing at'],
    ['json', [{ op: 'test', path: '/spec/replicas', value: 9 }], 'test: /spec/replicas is something else'],
    ['json', { op: 'add' }, 'a JSON patch is a list'],
    ['json', [{ op: 'nonsense', path: '/spec' }], 'no operation'],
    ['strategic', { spec: { $retainKeys: ['a'] } }, 'the directive $retainKeys is not known here'],
    ['merge', 'metadata: [', 'spec.patches[0] on StatefulSet kmc-blue'],
    ['merge', { metadata: null }, 'no object with metadata'],
  ] as const)('of type %s that cannot be made are refused: %j', (type, content, because) => {
    const attempt = () => applyPatches(objects, [patch(type, content)]);
    expect(attempt).toThrow(TerminalError);
    expect(attempt).toThrow(because);
  });

  it('can neither rename an object nor reach into prototypes', () => {
    const renamed = patchedPlane(
      patch('merge', { kind: 'DaemonSet', metadata: { name: 'kmc-blue', namespace: 'other' } }),
    );
    expect(renamed).toMatchObject({ kind: 'StatefulSet', metadata: { namespace: 'tenant' } });
    for (const type of ['merge', 'strategic'] as const) {
      applyPatches(objects, [patch(type, '{"__proto__": {"polluted": true}}')]);
    }
    applyPatches(objects, [patch('json', '[{"op": "add", "path": "/__proto__", "value": {"polluted": true}}]')]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
