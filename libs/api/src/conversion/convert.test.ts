import { describe, expect, it } from '@jest/globals';
import { convert } from './convert.ts';
import type { JsonObject } from './json.ts';
import { k0sConfigSpecToV1beta2 } from './k0s-config.ts';

const group = {
  bootstrap: 'bootstrap.cluster.x-k8s.io',
  plane: 'controlplane.cluster.x-k8s.io',
  infra: 'infrastructure.cluster.x-k8s.io',
};
const annotation = 'cluster.x-k8s.io/conversion-data';

const up = (object: JsonObject) => convert(object, String(object['apiVersion']).replace('v1beta1', 'v1beta2'));
const down = (object: JsonObject) => convert(object, String(object['apiVersion']).replace('v1beta2', 'v1beta1'));

const make = (apiVersion: string, kind: string, content: JsonObject): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name: 'a', namespace: 'default' },
  ...content,
});

const plane = (version: string, spec: JsonObject, status?: JsonObject) =>
  make(`${group.plane}/${version}`, 'K0sControlPlane', {
    spec: { k0sConfigSpec: {}, machineTemplate: {}, ...spec },
    ...(status && { status }),
  });

const worker = (version: string, spec: JsonObject) =>
  make(`${group.bootstrap}/${version}`, 'K0sWorkerConfig', { spec });

const specOf = (object: JsonObject) => object['spec'] as JsonObject;
const annotationsOf = (object: JsonObject) => (object['metadata'] as JsonObject)['annotations'];

describe('k0sVersion (SR-16)', () => {
  const written = plane('v1beta1', { k0sVersion: 'v1.27.1+k0s.0' });

  it('is version in v1beta2 and comes back under its old name', () => {
    const stored = up(written);
    expect(specOf(stored)).toMatchObject({ version: 'v1.27.1+k0s.0' });
    expect(specOf(stored)).not.toHaveProperty('k0sVersion');
    expect(down(stored)).toEqual(written);
  });

  it('shows a version changed through v1beta2 under the old name, and only there', () => {
    const stored = up(written);
    const read = down({ ...stored, spec: { ...specOf(stored), version: 'v1.28.0+k0s.0' } });
    expect(specOf(read)).toMatchObject({ k0sVersion: 'v1.28.0+k0s.0' });
    expect(specOf(read)).not.toHaveProperty('version');
  });

  it('stays beside version when both were written', () => {
    const both = plane('v1beta1', { version: 'v1.27.1', k0sVersion: 'v1.27.1' });
    const stored = up(both);
    expect(down(stored)).toEqual(both);
    const read = down({ ...stored, spec: { ...specOf(stored), version: 'v1.28.0' } });
    expect(specOf(read)).toMatchObject({ version: 'v1.28.0', k0sVersion: 'v1.28.0' });
  });

  it('is not invented for objects that were written with version', () => {
    expect(specOf(down(up(plane('v1beta1', { version: 'v1.30.0' }))))).not.toHaveProperty('k0sVersion');
  });
});

describe('what v1beta1 cannot say', () => {
  const windows = worker('v1beta2', { provisioner: { type: 'powershell', platform: 'windows' }, args: ['--debug'] });

  it('comes back after an edit of something else', () => {
    const read = down(windows);
    expect(specOf(read)).not.toHaveProperty('provisioner');
    const edited = { ...read, spec: { ...specOf(read), args: [] } };
    expect(specOf(up(edited))).toEqual({ provisioner: { type: 'powershell', platform: 'windows' }, args: [] });
  });

  it("gives way to the user's edit of what it belongs to", () => {
    const read = down(windows);
    const ignition = { variant: 'flatcar', version: '1.1.0' };
    const stored = up({ ...read, spec: { ...specOf(read), ignition } });
    expect(specOf(stored)['provisioner']).toEqual({ type: 'ignition', platform: 'windows', ignition });
  });

  it('does not bring back a part whose parent the user removed', () => {
    const stored = make(`${group.plane}/v1beta2`, 'K0sControlPlaneTemplate', {
      spec: { template: { spec: { k0sConfigSpec: { secretMetadata: { labels: { a: 'b' } } } } } },
    });
    const read = down(stored);
    expect(up({ ...read, spec: { template: {} } })['spec']).toEqual({ template: {} });
  });
});

describe('the annotation', () => {
  it('is absent where both versions say all', () => {
    const object = worker('v1beta1', {
      preStartCommands: ['a'],
      customUserDataRef: { secretRef: { name: 'n', key: 'k' } },
    });
    expect(annotationsOf(up(object))).toBeUndefined();
    expect(specOf(up(object))).toEqual({
      preK0sCommands: ['a'],
      provisioner: {
        type: 'cloud-config',
        platform: 'linux',
        customUserDataRef: { secretRef: { name: 'n', key: 'k' } },
      },
    });
  });

  it.each(['', 'not json', '[]', '{"for":"v1beta2","entries":[{"path":"spec"}]}', '{"for":"v1beta9"}'])(
    'counts as absent when it is not ours: %s',
    (text) => {
      const object = worker('v1beta1', { args: ['a'] });
      const edited = { ...object, metadata: { name: 'a', annotations: { [annotation]: text, other: 'kept' } } };
      expect(up(edited)).toMatchObject({ spec: { args: ['a'] }, metadata: { annotations: { other: 'kept' } } });
      expect(annotationsOf(up(edited))).not.toHaveProperty([annotation]);
    },
  );

  it('writes nowhere but to fields that need it', () => {
    const entries = [
      { path: ['spec', 'version'], value: 'v9', under: 1, belongs: '' },
      { path: ['__proto__', 'polluted'], value: true, under: 0, belongs: '' },
    ];
    const object = plane('v1beta1', { version: 'v1.30.0' });
    const text = JSON.stringify({ for: 'v1beta2', entries });
    const stored = up({ ...object, metadata: { name: 'a', annotations: { [annotation]: text } } });
    expect(specOf(stored)['version']).toBe('v1.30.0');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('status', () => {
  it('of a control plane is said in the words of each contract', () => {
    const status = {
      replicas: 3,
      readyReplicas: 2,
      availableReplicas: 2,
      upToDateReplicas: 1,
      initialization: { controlPlaneInitialized: true },
    };
    expect(down(plane('v1beta2', {}, status))['status']).toEqual({
      replicas: 3,
      readyReplicas: 2,
      unavailableReplicas: 1,
      updatedReplicas: 1,
      ready: true,
      initialized: true,
      initialization: { controlPlaneInitialized: true },
    });
  });

  it('of a remote machine keeps the old failure fields', () => {
    const status = { ready: false, failureReason: 'ProvisionFailed', failureMessage: 'no route' };
    const stored = up(make(`${group.infra}/v1beta1`, 'RemoteMachine', { spec: {}, status }));
    expect(stored['status']).toEqual({
      initialization: { provisioned: false },
      deprecated: { v1beta1: { failureReason: 'ProvisionFailed', failureMessage: 'no route' } },
    });
  });

  it('of a remote cluster lists failure domains by name', () => {
    const failureDomains = { b: { controlPlane: true }, a: { attributes: { rack: '1' } } };
    const stored = up(
      make(`${group.infra}/v1beta1`, 'RemoteCluster', { spec: {}, status: { ready: true, failureDomains } }),
    );
    expect(stored['status']).toEqual({
      initialization: { provisioned: true },
      failureDomains: [
        { name: 'a', attributes: { rack: '1' } },
        { name: 'b', controlPlane: true },
      ],
    });
  });
});

describe('k0sConfigSpecToV1beta2', () => {
  it('reads what older versions left in an annotation', () => {
    const old = { preStartCommands: ['a'], ignition: { variant: 'fcos', version: '1' }, args: ['b'] };
    expect(k0sConfigSpecToV1beta2(old)).toEqual({
      preK0sCommands: ['a'],
      provisioner: { type: 'ignition', platform: 'linux', ignition: { variant: 'fcos', version: '1' } },
      args: ['b'],
    });
  });
});

describe('refusals', () => {
  it.each([
    ['RemoteMachine', `${group.infra}/v1beta1`, `${group.infra}/v1beta3`],
    ['RemoteMachine', `${group.infra}/v1beta1`, `${group.bootstrap}/v1beta2`],
    ['Secret', 'v1', `${group.infra}/v1beta2`],
  ])('%s from %s to %s', (kind, from, to) => {
    expect(() => convert(make(from, kind, {}), to)).toThrow(`cannot convert ${kind} from ${from} to ${to}`);
  });
});
