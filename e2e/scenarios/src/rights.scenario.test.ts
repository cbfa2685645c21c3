import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { K0smotronCluster, K0sControlPlane, K0sWorkerConfig, Secret } from '@k0smotron/api';
import { ownerRef, type Intent, type OwnerReference } from '@k0smotron/core';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { startSystem, type System } from './system/start-system.ts';
import type { ServiceName } from './system/services.ts';

const victim = { namespace: 'default', name: 'somebody-elses' };

describe('the rights of the services', () => {
  let system: System;
  const clients: KubeClient[] = [];

  /** A client with the identity of a running service. */
  const as = async (name: ServiceName): Promise<KubeClient> => {
    const service = system.services.find((one) => one.name === name);
    const client = connectKube(await loadKubeConfig({ path: `${service?.certDir}/kubeconfig` }));
    clients.push(client);
    return client;
  };
  const overwrite = (kube: KubeClient) =>
    kube.patch(Secret, victim, {
      type: 'merge',
      body: { data: { password: Buffer.from('stolen').toString('base64') } },
    });

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem({ withoutCore: true });
    await system.kube.create(Secret, {
      metadata: victim,
      type: 'Opaque',
      data: { password: Buffer.from('secret').toString('base64') },
    });
  }, 240_000);

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await system?.close();
  }, 60_000);

  it.each(['infrastructure', 'bootstrap', 'control-plane', 'etcd-snapshot'] as const)(
    'do not let %s overwrite a Secret of somebody else',
    async (name) => {
      await expect(overwrite(await as(name))).rejects.toThrow(/forbidden|may hold|may renew/i);
      expect((await system.kube.get(Secret, victim))?.data?.['password']).toBe(
        Buffer.from('secret').toString('base64'),
      );
    },
  );

  it('let infrastructure hold an SSH key Secret by a finalizer', async () => {
    const kube = await as('infrastructure');
    const finalizers = ['infrastructure.k0smotron.io/some-machine'];
    const held = await kube.patch(Secret, victim, { type: 'merge', body: { metadata: { finalizers } } });
    expect(held.metadata.finalizers).toEqual(finalizers);
    await kube.patch(Secret, victim, { type: 'merge', body: { metadata: { finalizers: null } } });
  });

  describe('over a Secret of theirs that lost its owner', () => {
    const type = 'cluster.x-k8s.io/secret';
    const patch = async (by: ServiceName, name: string, body: object) =>
      (await as(by)).patch(Secret, { namespace: 'default', name }, { type: 'merge', body });
    const owners = (...ownerReferences: object[]) => ({ metadata: { ownerReferences } });
    let plane: OwnerReference;
    let config: OwnerReference;
    let hosted: OwnerReference;

    beforeAll(async () => {
      // Owners that are not there would have the Secrets collected as garbage.
      const infrastructureRef = {
        apiGroup: 'infrastructure.cluster.x-k8s.io',
        kind: 'RemoteMachineTemplate',
        name: 'c',
      };
      const spec = { version: 'v1.34.4+k0s.0', k0sConfigSpec: {}, machineTemplate: { spec: { infrastructureRef } } };
      const metadata = { namespace: 'default', name: 'c' };
      plane = ownerRef(
        await system.kube.create(K0sControlPlane, { metadata, spec } as unknown as Intent<K0sControlPlane>),
      );
      const worker = { metadata: { ...metadata, name: 'w' }, spec: {} } as unknown as Intent<K0sWorkerConfig>;
      config = ownerRef(await system.kube.create(K0sWorkerConfig, worker));
      const paused = { annotations: { 'cluster.x-k8s.io/paused': 'true' } };
      const cluster = { metadata: { namespace: 'default', name: 'h', ...paused }, spec: {} };
      hosted = ownerRef(await system.kube.create(K0smotronCluster, cluster as unknown as Intent<K0smotronCluster>));
      const labels = { 'cluster.x-k8s.io/cluster-name': 'c' };
      for (const name of ['c-ca', 'c-etcd', 'w', 'x', 'h-etcd-server'])
        await system.kube.create(Secret, { metadata: { ...metadata, name, labels }, type, data: { value: 'YQ==' } });
    }, 60_000);

    it.each([
      { by: 'control-plane', name: 'c-ca', owner: () => plane },
      { by: 'control-plane', name: 'h-etcd-server', owner: () => hosted },
      { by: 'bootstrap', name: 'w', owner: () => config },
    ] as const)('let $by give $name its owner back, also in a newer version', async ({ by, name, owner }) => {
      const older = { ...owner(), apiVersion: owner().apiVersion.replace('v1beta2', 'v1beta1') };
      for (const one of [older, owner()])
        expect((await patch(by, name, owners(one))).metadata.ownerReferences).toMatchObject([one]);
    });

    it.each([
      {
        what: 'its content',
        by: 'control-plane',
        name: 'c-etcd',
        body: () => ({ data: { a: 'Yg==' }, ...owners(plane) }),
      },
      { what: 'it otherwise', by: 'control-plane', name: 'c-ca', body: () => owners({ ...plane, name: 'd' }) },
      { what: 'no owner', by: 'control-plane', name: 'c-ca', body: () => owners() },
      { what: 'an owner of another kind', by: 'control-plane', name: 'c-etcd', body: () => owners(config) },
      { what: 'an owner to what is no key', by: 'control-plane', name: 'x', body: () => owners(plane) },
      { what: 'a hosted owner of another name', by: 'control-plane', name: 'c-etcd', body: () => owners(hosted) },
      { what: 'an owner of another name', by: 'bootstrap', name: 'x', body: () => owners(config) },
      { what: 'an owner to what a user made', by: 'bootstrap', name: victim.name, body: () => owners(config) },
    ] as const)('do not let $by write $what ($name)', async ({ by, name, body }) => {
      await expect(patch(by, name, body())).rejects.toThrow(/forbidden/i);
    });
  });

  it.each(['bootstrap', 'control-plane', 'etcd-snapshot'] as const)('do not let %s list Secrets', async (name) => {
    await expect((await as(name)).list(Secret, { namespace: 'default' })).rejects.toThrow(/forbidden/i);
  });
});
