import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '@k0smotron/api';
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
  }, 120_000);

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await system.close();
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

  it.each(['bootstrap', 'control-plane', 'etcd-snapshot'] as const)('do not let %s list Secrets', async (name) => {
    await expect((await as(name)).list(Secret, { namespace: 'default' })).rejects.toThrow(/forbidden/i);
  });
});
