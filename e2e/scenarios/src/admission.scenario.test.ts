import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { K0sControllerConfig, K0sControlPlane } from '@k0smotron/api';
import { connectKube, loadKubeConfig } from '@k0smotron/kube';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { installWebhooks } from './system/install-webhooks.ts';
import type { ServiceName } from './system/services.ts';
import { startSystem, type System } from './system/start-system.ts';

const namespace = 'default';
const infrastructure = 'infrastructure.cluster.x-k8s.io';
const bootstrap = 'bootstrap.cluster.x-k8s.io';
const ref = { apiGroup: infrastructure, kind: 'RemoteMachineTemplate', name: 't' };

const manifest = (apiVersion: string, kind: string, name: string, spec: object) => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  spec,
});
const plane = (name: string, spec: object) =>
  manifest('controlplane.cluster.x-k8s.io/v1beta2', 'K0sControlPlane', name, {
    version: 'v1.34.4+k0s.0',
    k0sConfigSpec: { args: ['--enable-worker'] },
    machineTemplate: { spec: { infrastructureRef: ref } },
    ...spec,
  });
const openQuotes = '--labels="a';
const remote = (name: string, address: string, version = 'v1beta2') =>
  manifest(`${infrastructure}/${version}`, 'RemoteMachine', name, { address, sshKeyRef: { name: 'key' } });
const hosted = (name: string, spec: object, metadata: object = {}) => {
  const made = manifest('k0smotron.io/v1beta2', 'Cluster', name, { version: 'v1.34.4+k0s.0', ...spec });
  return { ...made, metadata: { ...made.metadata, ...metadata } };
};
const etcdArgs = (...args: string[]) => ({ storage: { type: 'etcd', etcd: { args } } });
const token = (spec: object) =>
  manifest('k0smotron.io/v1beta2', 'JoinTokenRequest', 'a', { clusterName: 'c', ...spec });
const shell = '$(touch /tmp/x); `id`';
const badController = manifest(`${bootstrap}/v1beta2`, 'K0sControllerConfig', 'made-by-us', { version: 'newest' });

describe('admission', () => {
  let system: System;
  let files = 0;

  const kubectl = (...args: string[]) => system.controlPlane.kubectl(...args);
  const create = async (object: object, ...flags: string[]): Promise<string> => {
    const file = `${system.lab.dir}/admission-${files++}.json`;
    await writeFile(file, JSON.stringify(object));
    return kubectl('create', '-f', file, ...flags);
  };
  const patch = (kind: string, name: string, change: object, ...flags: string[]) =>
    kubectl('patch', kind, name, '--type=merge', '-p', JSON.stringify(change), ...flags);
  const service = (name: ServiceName) => system.services.find((one) => one.name === name);

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem({ withoutCore: true, withoutAdmission: true });
    // From before there were checks.
    await create(plane('old', { k0sConfigSpec: { args: [openQuotes] } }));
    await create(remote('old', 'root@192.0.2.1:22'));
    await installWebhooks(system.kube, system.services);
  }, 120_000);
  afterAll(() => system?.close(), 60_000);

  it.each([
    [
      'three controllers that are each the only one',
      plane('a', { replicas: 3, k0sConfigSpec: { args: ['--single'] } }),
      'spec.replicas: --single makes a cluster of one controller: write 1',
    ],
    [
      'a field that k0s lacks',
      plane('a', { k0sConfigSpec: { k0s: { spec: { apii: {} } } } }),
      "spec.k0sConfigSpec.k0s.spec.apii: is no field of k0s's ClusterConfig: take it out, or write one of api,",
    ],
    [
      'a machine instead of a template',
      plane('a', { machineTemplate: { spec: { infrastructureRef: { ...ref, kind: 'RemoteMachine' } } } }),
      'spec.machineTemplate.spec.infrastructureRef.kind: RemoteMachine is no template: write',
    ],
    [
      'a port in the address',
      remote('a', '192.0.2.1:22'),
      'spec.address: 192.0.2.1:22 is more than a host name or address: write only that',
    ],
    ['the same in v1beta1', remote('a', '192.0.2.1:22', 'v1beta1'), 'spec.address: 192.0.2.1:22 is more than'],
    [
      'a file without a path',
      manifest(`${bootstrap}/v1beta2`, 'K0sWorkerConfig', 'a', { files: [{ content: 'x' }] }),
      'spec.files[0].path: is missing: write an absolute path',
    ],
    [
      'a name that fits into no label',
      hosted('a'.repeat(64), {}),
      'metadata.name: has 64 characters: write at most 63',
    ],
    ['a shell in a name', hosted(shell, {}), 'a lowercase RFC 1123 subdomain must consist of'],
    ['a label of 64 characters', hosted('a', {}, { labels: { a: 'b'.repeat(64) } }), 'must be no more than 63'],
    [
      'a shell in an address',
      hosted('a', { externalAddress: shell }),
      'is no address and no DNS name: write only that',
    ],
    [
      'an etcd that begins anew',
      hosted('a', etcdArgs('--force-new-cluster')),
      'storage.etcd.args[0]: --force-new-cluster',
    ],
    ['a flag that a shell would split', hosted('a', etcdArgs('--a b')), 'storage.etcd.args[0]: is one argument'],
    [
      'manifests outside of their folder',
      hosted('a', { manifests: [{ name: '../pki', emptyDir: {} }] }),
      'is no name of',
    ],
    ['an expiry in a shell', token({ expiry: '1h; id' }), 'not a duration: write for example 24h'],
    ['an expiry without date', token({ expiry: `${'9'.repeat(60)}h` }), 'is longer than ten years: write for example'],
    ['a token for a pod', token({ role: 'controller' }), 'controllers of a hosted Cluster are pods: write worker'],
  ])('refuses %s, names the field and says what to write', async (_, object, message) => {
    await expect(create(object, '--dry-run=server')).rejects.toThrow(message);
  });

  it('warns of what works and is likely not meant', async () => {
    await expect(create(plane('a', { replicas: 2 }), '--dry-run=server')).resolves.toContain('created');
    await expect(create(plane('a', { replicas: 2 }), '--dry-run=server', '--warnings-as-errors')).rejects.toThrow(
      /Warning: spec.replicas: etcd of 2 members bears no more failures than of 1: write an odd number/,
    );
  });

  it('says nothing of what is fine', async () => {
    await expect(create(plane('a', { replicas: 3 }), '--dry-run=server', '--warnings-as-errors')).resolves.toContain(
      'created',
    );
    const labels = { [`${'d.'.repeat(20)}io/${'k'.repeat(63)}`]: 'v'.repeat(63) };
    const named = hosted(
      'n'.repeat(63),
      { ...etcdArgs(`--experimental-a=${shell}`), externalAddress: 'a.b' },
      { labels },
    );
    await expect(create(named, '--dry-run=server', '--warnings-as-errors')).resolves.toContain('created');
  });

  it('keeps objects of old rules changeable, but lets nothing worse in', async () => {
    await kubectl('label', 'k0scontrolplane', 'old', 'a=b');
    await patch('k0scontrolplane', 'old', { spec: { k0sConfigSpec: { preK0sCommands: ['true'] } } });
    await expect(
      patch('k0scontrolplane', 'old', { spec: { k0sConfigSpec: { preK0sCommands: [] } } }, '--warnings-as-errors'),
    ).rejects.toThrow(/Warning: spec.k0sConfigSpec.args\[0\]: .* \(kept, since it was so before\)/);
    await expect(
      patch('k0scontrolplane', 'old', { spec: { k0sConfigSpec: { args: [openQuotes, '--taints="b'] } } }),
    ).rejects.toThrow(/spec.k0sConfigSpec.args\[1\]: the quotes/);
    await kubectl('delete', 'k0scontrolplane', 'old');
  });

  it('guards kubectl scale', async () => {
    await create(plane('scaled', { replicas: 1 }));
    const scale = (replicas: number, ...flags: string[]) =>
      kubectl('scale', 'k0scontrolplane', 'scaled', `--replicas=${replicas}`, ...flags);
    await expect(scale(0)).rejects.toThrow(/spec.replicas in body should be greater than or equal to 1/);
    await expect(scale(2, '--warnings-as-errors')).rejects.toThrow(/Warning: spec.replicas: etcd of 2 members/);
    await expect(scale(3)).resolves.toContain('scaled');
  });

  it('holds a change of version against what runs', async () => {
    const name = { namespace, name: 'running' };
    await create(plane('running', { version: 'v1.32.4+k0s.0' }));
    await patch('k0scontrolplane', 'running', { status: { version: 'v1.32.4+k0s.0' } }, '--subresource=status');
    await patch('k0scontrolplane', 'running', { spec: { version: 'v1.33.1+k0s.0' } });
    await expect(patch('k0scontrolplane', 'running', { spec: { version: 'v1.34.4+k0s.0' } })).rejects.toThrow(
      /spec.version: v1.32.4\+k0s.0 still runs: update to v1.33 and wait/,
    );
    await patch('k0scontrolplane', 'running', { spec: { version: 'v1.32.4+k0s.0' } });
    expect((await system.kube.get(K0sControlPlane, name))?.spec.version).toBe('v1.32.4+k0s.0');
  });

  it('does not stand in the way of our own services', async () => {
    await expect(create(badController)).rejects.toThrow(/spec.version: "newest" is not a k0s version/);
    const kube = connectKube(await loadKubeConfig({ path: `${service('control-plane')?.certDir}/kubeconfig` }));
    try {
      await kube.apply(K0sControllerConfig, badController as never, { fieldManager: 'test' });
    } finally {
      await kube.close();
    }
    const made = await system.kube.get(K0sControllerConfig, { namespace, name: 'made-by-us' });
    expect(made?.spec?.version).toBe('newest');
  });

  it('lets labels and deletion through while the service is down, and nothing unchecked', async () => {
    await service('infrastructure')?.process.stop();
    await expect(create(remote('unchecked', '192.0.2.1'))).rejects.toThrow(/failed calling webhook/);
    await kubectl('label', 'remotemachine', 'old', 'a=b');
    await expect(kubectl('delete', 'remotemachine', 'old')).resolves.toContain('deleted');
  });
});
