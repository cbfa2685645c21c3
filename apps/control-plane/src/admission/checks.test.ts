import { describe, expect, it } from '@jest/globals';
import type { K0sControlPlane } from '@k0smotron/api';
import type { Check } from '@k0smotron/runtime';
import { checkConfig, checkTemplate, checkVersion } from './check-config.ts';
import { checkInfrastructure } from './check-infrastructure.ts';
import { checkReplicas, checkScale } from './check-replicas.ts';
import { checkKubelet, checkStrategy } from './check-strategy.ts';

const checks: Readonly<Record<string, Check<K0sControlPlane>>> = {
  checkVersion,
  checkReplicas,
  checkStrategy,
  checkInfrastructure,
  checkConfig,
};
const ref = { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachineTemplate', name: 't' };
const single = { args: ['--single=true'] };
const kine = (dataSource?: string) => ({ k0s: { spec: { storage: { type: 'kine', kine: { dataSource } } } } });

function plane(spec: object, status: object = {}): K0sControlPlane {
  const machineTemplate = { spec: { infrastructureRef: ref } };
  return {
    metadata: { name: 'p', namespace: 'ns' },
    spec: {
      version: 'v1.34.4+k0s.0',
      replicas: 1,
      updateStrategy: 'InPlace',
      machineTemplate,
      k0sConfigSpec: {},
      ...spec,
    },
    status,
  } as unknown as K0sControlPlane;
}
const told = (object: K0sControlPlane, old?: K0sControlPlane) =>
  Object.values(checks)
    .flatMap((check) => check(object, old))
    .map(({ field, warning }) => `${warning ? 'warning' : 'error'} ${field}`);

describe('a control plane that is fine', () => {
  it.each([
    ['one controller', {}],
    ['three', { replicas: 3, updateStrategy: 'RecreateDeleteFirst' }],
    ['--single', { k0sConfigSpec: single }],
    ['two on a shared database', { replicas: 2, k0sConfigSpec: kine('mysql://db') }],
    ['one on SQLite', { k0sConfigSpec: kine() }],
    ['a tunnel', { k0sConfigSpec: { tunneling: { enabled: true, serverNodePort: 31700, tunnelingNodePort: 31443 } } }],
    [
      'the old place of the reference',
      { machineTemplate: { infrastructureRef: { kind: 'AWSMachineTemplate', name: 't' } } },
    ],
  ])('%s', (_, spec) => expect(told(plane(spec))).toEqual([]));
});

describe('a control plane that is not', () => {
  const replicas = 'spec.replicas';
  const at = 'spec.machineTemplate';
  it.each([
    ['two', { replicas: 2 }, [`warning ${replicas}`]],
    ['four', { replicas: 4 }, [`warning ${replicas}`]],
    ['three of --single', { replicas: 3, k0sConfigSpec: single }, [`error ${replicas}`]],
    ['three on SQLite', { replicas: 3, k0sConfigSpec: kine('sqlite:///a') }, [`error ${replicas}`]],
    ['one on SQLite made anew', { updateStrategy: 'Recreate', k0sConfigSpec: kine() }, ['error spec.updateStrategy']],
    ['--single made anew', { updateStrategy: 'Recreate', k0sConfigSpec: single }, ['error spec.updateStrategy']],
    ['one deleted first', { updateStrategy: 'RecreateDeleteFirst' }, ['warning spec.updateStrategy']],
    [
      'open quotes',
      { replicas: 3, updateStrategy: 'Recreate', k0sConfigSpec: { args: ['--labels="a'] } },
      ['error spec.k0sConfigSpec.args[0]'],
    ],
    ['a bare version', { version: 'v1.34.4' }, ['warning spec.version']],
    ['a version of images', { version: 'v1.34.4-k0s.0' }, ['warning spec.version']],
    ['no version', { version: 'v1.34' }, ['error spec.version']],
    [
      'a machine for a template',
      { machineTemplate: { spec: { infrastructureRef: { ...ref, kind: 'RemoteMachine' } } } },
      [`error ${at}.spec.infrastructureRef.kind`],
    ],
    [
      'a cluster for a machine',
      { machineTemplate: { spec: { infrastructureRef: { ...ref, kind: 'RemoteClusterTemplate' } } } },
      [`error ${at}.spec.infrastructureRef.kind`],
    ],
    [
      'no name in the old place',
      { machineTemplate: { infrastructureRef: { kind: 'RemoteMachineTemplate' } } },
      [`error ${at}.infrastructureRef.name`],
    ],
    [
      'another namespace',
      { machineTemplate: { infrastructureRef: { kind: 'RemoteMachineTemplate', name: 't', namespace: 'x' } } },
      [`warning ${at}.infrastructureRef.namespace`],
    ],
    [
      'an unknown field of k0s',
      { k0sConfigSpec: { k0s: { spec: { apii: {} } } } },
      ['error spec.k0sConfigSpec.k0s.spec.apii'],
    ],
    [
      'a file without a path',
      { k0sConfigSpec: { files: [{ content: '' }] } },
      ['error spec.k0sConfigSpec.files[0].path'],
    ],
    [
      'one port for two',
      { k0sConfigSpec: { tunneling: { enabled: true, serverNodePort: 31700, tunnelingNodePort: 31700 } } },
      ['error spec.k0sConfigSpec.tunneling.tunnelingNodePort'],
    ],
    [
      'a port that nodes lack',
      { k0sConfigSpec: { tunneling: { enabled: true, serverNodePort: 80, tunnelingNodePort: 31443 } } },
      ['warning spec.k0sConfigSpec.tunneling.serverNodePort'],
    ],
  ])('%s', (_, spec, expected) => expect(told(plane(spec))).toEqual(expected));

  it('skips a version that has not run everywhere', () => {
    const old = plane({ version: 'v1.33.1+k0s.0' }, { version: 'v1.32.4+k0s.0' });
    expect(told(plane({}), old)).toEqual(['error spec.version']);
    expect(told(plane({ version: 'v1.33.1+k0s.0' }), old)).toEqual([]);
  });

  it('is only warned of in a template', () => {
    const spec = { template: { spec: { version: 'v1.34', k0sConfigSpec: { files: [{ content: '' }] } } } };
    const found = checkTemplate({ metadata: {}, spec } as never, undefined);
    expect(found.map(({ field, warning }) => [field, warning])).toEqual([
      ['spec.template.spec.version', true],
      ['spec.template.spec.k0sConfigSpec.files[0].path', true],
    ]);
  });
});

describe('controllers without a kubelet', () => {
  it('are told of once', () => {
    expect(checkKubelet(plane({}), undefined)).toMatchObject([{ warning: true }]);
    expect(checkKubelet(plane({}), plane({}))).toEqual([]);
    expect(checkKubelet(plane({ k0sConfigSpec: { args: ['--enable-worker'] } }), undefined)).toEqual([]);
  });
});

describe('scaling', () => {
  it.each([
    [1, []],
    [2, [true]],
    [3, []],
  ])('to %i', (replicas, warnings) => {
    const scale = { metadata: {}, spec: { replicas } } as never;
    expect(checkScale(scale, undefined).map(({ warning = false }) => warning)).toEqual(warnings);
  });
});
