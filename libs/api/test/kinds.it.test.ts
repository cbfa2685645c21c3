import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { coreTypeSchema, cutCoreType, volumeSourceOf } from '@k0smotron/crd';
import { convert } from '../src/conversion/convert.ts';
import type { JsonObject } from '../src/conversion/json.ts';
import { declarations } from '../src/declarations/index.ts';
import { articles, startApiServer, type ApiServer } from './api-server.ts';
import { hostedRefusals, hostedUpdates } from './hosted-refusals.ts';
import { refusals, updates, type Refusal } from './refusals.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer();
});
afterAll(() => server.close());

const kubectl = (...args: string[]) => server.controlPlane.kubectl(...args);
const read = async (resource: string, name: string): Promise<JsonObject> =>
  JSON.parse(await kubectl('get', resource, name, '-o', 'json')) as JsonObject;
const specOf = (object: JsonObject) => object['spec'] as JsonObject;
const plane = (version: string) => `k0scontrolplanes.${version}.controlplane.cluster.x-k8s.io`;

describe('the CRDs', () => {
  it('install with a plain create', () => {
    expect(server.created.trim().split('\n')).toHaveLength(declarations.length);
  });

  it('embed core types as this API server publishes them', async () => {
    const { components } = JSON.parse(await kubectl('get', '--raw', '/openapi/v3/apis/batch/v1')) as {
      components: { schemas: Record<string, Record<string, unknown>> };
    };
    const published = (name: string) => cutCoreType(`io.k8s.api.${name}`, components.schemas);
    expect(published('batch.v1.JobSpec')).toEqual(coreTypeSchema('batch/v1.JobSpec'));
    for (const name of ['PersistentVolumeClaimSpec', 'ResourceRequirements', 'TopologySpreadConstraint'])
      expect(published(`core.v1.${name}`)).toEqual(coreTypeSchema(`v1.${name}`));
    expect(volumeSourceOf(published('core.v1.Volume'))).toEqual(coreTypeSchema('v1.VolumeSource'));
  });

  it('give a hosted cluster the defaults that the original gives it', async () => {
    const bare = { apiVersion: 'k0smotron.io/v1beta1', kind: 'Cluster', metadata: { name: 'bare' } };
    const stored = JSON.parse(
      await kubectl('create', '-o', 'json', '-f', server.file('bare.json', bare)),
    ) as JsonObject;
    const service = { type: 'NodePort', apiPort: 30443, konnectivityPort: 30132 };
    const etcd = { image: 'quay.io/k0sproject/etcd:v3.7.1', persistence: { size: '1Gi' }, autoDeletePVCs: false };
    const common = {
      replicas: 1,
      image: 'quay.io/k0sproject/k0s',
      version: 'v1.27.9-k0s.0',
      service,
      persistence: { type: 'emptyDir', autoDeletePVCs: false },
    };
    expect(specOf(stored)).toEqual({ ...common, etcd });
    expect(specOf(await read('clusters.v1beta2.k0smotron.io', 'bare'))).toEqual({
      ...common,
      storage: { type: 'etcd', etcd },
    });
  });
});

describe("the articles' manifests", () => {
  beforeAll(async () => {
    await kubectl('create', '--validate=strict', '-f', server.file('articles.yaml', articles()));
  });

  it('give k0sVersion as version to v1beta2, and back as it was written', async () => {
    expect(specOf(await read(plane('v1beta2'), 'remote-test'))['version']).toBe('v1.27.1+k0s.0');
    const old = specOf(await read(plane('v1beta1'), 'remote-test'));
    expect(old['k0sVersion']).toBe('v1.27.1+k0s.0');
    expect(old).not.toHaveProperty('version');
  });

  it('are stored with the defaults', async () => {
    const machine = await read('remotemachines.v1beta2.infrastructure.cluster.x-k8s.io', 'my-remote-machine');
    expect(specOf(machine)).toMatchObject({ workingDir: '/etc/k0smotron', commandsAsScript: false });
  });

  it('come back from the server as convert() alone would give them', async () => {
    const stored = await read(plane('v1beta2'), 'remote-test');
    const served = await read(plane('v1beta1'), 'remote-test');
    const withoutManagedFields = ({ metadata, ...object }: JsonObject) => {
      const { managedFields: _managedFields, ...rest } = metadata as JsonObject;
      return { ...object, metadata: rest };
    };
    const converted = convert(stored, 'controlplane.cluster.x-k8s.io/v1beta1');
    expect(withoutManagedFields(converted)).toEqual(withoutManagedFields(served));
  });
});

describe('server-side apply (SR-16)', () => {
  const metadata = { name: 'applied', namespace: 'default' };
  const infrastructureRef = {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
    kind: 'RemoteMachineTemplate',
    name: 't',
  };
  const customUserDataRef = { secretRef: { name: 'n', key: 'k' } };
  const old = {
    apiVersion: 'controlplane.cluster.x-k8s.io/v1beta1',
    kind: 'K0sControlPlane',
    metadata,
    spec: {
      k0sVersion: 'v1.30.1+k0s.0',
      k0sConfigSpec: { preStartCommands: ['true'], customUserDataRef },
      machineTemplate: { infrastructureRef },
    },
  };
  const topology = {
    apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2',
    kind: 'K0sControlPlane',
    metadata: { ...metadata, labels: { 'topology.cluster.x-k8s.io/owned': '' } },
    spec: { replicas: 3, k0sConfigSpec: { secretMetadata: { labels: { a: 'b' } } } },
  };

  async function apply(manager: string, object: unknown): Promise<string> {
    const path = server.file(`${manager}.json`, object);
    const output = await kubectl('apply', '--server-side', `--field-manager=${manager}`, '-o', 'json', '-f', path);
    return (JSON.parse(output) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  }

  it('changes nothing when repeated, also between managers of different versions', async () => {
    const first = await apply('gitops', old);
    expect(await apply('gitops', old)).toBe(first);
    const second = await apply('topology', topology);
    expect(second).not.toBe(first);
    expect(await apply('gitops', old)).toBe(second);
    expect(await apply('topology', topology)).toBe(second);
    expect(await apply('gitops', old)).toBe(second);
  });

  it('shows a version set through v1beta2 under the old name', async () => {
    await kubectl('patch', plane('v1beta2'), 'applied', '--type=merge', '-p', '{"spec":{"version":"v1.30.2+k0s.0"}}');
    expect(specOf(await read(plane('v1beta1'), 'applied'))['k0sVersion']).toBe('v1.30.2+k0s.0');
  });
});

describe('what is refused', () => {
  const refuse = async ({ object, message }: Refusal) => {
    const path = server.file('refused.json', object);
    await expect(kubectl('create', '--dry-run=server', '-f', path)).rejects.toThrow(message);
  };

  it.each([...refusals, ...hostedRefusals])('$what', refuse);

  it('scaling of a Cluster on NATS, where webhooks of the kind are not asked', async () => {
    const metadata = { name: 'scaled', namespace: 'default' };
    const object = {
      apiVersion: 'k0smotron.io/v1beta2',
      kind: 'Cluster',
      metadata,
      spec: { storage: { type: 'nats' } },
    };
    await kubectl('create', '-f', server.file('scaled.json', object));
    const scaling = kubectl('scale', 'clusters.k0smotron.io/scaled', '--replicas=3');
    await expect(scaling).rejects.toThrow('write replicas as it was');
  });

  it('scaling of a K0sControlPlane with --single (CP-06)', async () => {
    const infrastructureRef = { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachineTemplate', name: 't' };
    const object = {
      apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2',
      kind: 'K0sControlPlane',
      metadata: { name: 'alone', namespace: 'default' },
      spec: {
        version: 'v1.34.4+k0s.0',
        k0sConfigSpec: { args: ['--single'] },
        machineTemplate: { spec: { infrastructureRef } },
      },
    };
    await kubectl('create', '-f', server.file('alone.json', object));
    const scaling = kubectl('scale', 'k0scontrolplane/alone', '--replicas=3');
    await expect(scaling).rejects.toThrow('--single makes a cluster of one controller: write replicas 1');
  });

  it.each([...updates, ...hostedUpdates])('an update: $what', async ({ before, patch, message }) => {
    const path = server.file('before.json', before);
    await kubectl('create', '-f', path);
    const patching = kubectl('patch', '-f', path, '--type=merge', '-p', JSON.stringify(patch));
    await (message === undefined
      ? expect(patching).resolves.toContain('patched')
      : expect(patching).rejects.toThrow(message));
    await kubectl('delete', '-f', path);
  });
});
