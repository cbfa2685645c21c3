import { describe, expect, it } from '@jest/globals';
import type { HostedClusterSpec } from '@k0smotron/api';
import { aPlane, aWorld } from '../testing/index.ts';
import { hostedK0sConfig } from './k0s-config.ts';
import type { HostedWorld } from './plane.ts';

interface Config {
  readonly metadata: object;
  readonly spec: {
    readonly api: { readonly sans: readonly string[]; readonly extraArgs: object; readonly [field: string]: unknown };
    readonly storage: { readonly [field: string]: unknown };
    readonly [field: string]: unknown;
  };
}

const configOf = (spec: Partial<HostedClusterSpec> = {}, world: Partial<HostedWorld> = {}) =>
  hostedK0sConfig(aPlane({ spec: { ...aPlane().spec, ...spec } }), aWorld(world)) as unknown as Config;

describe('the configuration of k0s', () => {
  it('answers under every name and address by which the API is reached', () => {
    const { api, konnectivity } = configOf({ k0sConfig: { spec: { api: { sans: ['api.example.com'] } } } }).spec;
    expect(api).toMatchObject({ port: 30443, externalAddress: '192.0.2.10' });
    expect(konnectivity).toEqual({ agentPort: 30132 });
    expect(api.sans).toEqual([
      'api.example.com',
      '192.0.2.10',
      'kmc-blue',
      'kmc-blue.tenant',
      'kmc-blue.tenant.svc',
      'kmc-blue.tenant.svc.cluster.local',
      '10.96.0.7',
      'localhost',
    ]);
  });

  it('does not lead workers to one address when they balance the load themselves', () => {
    const { api } = configOf({ k0sConfig: { spec: { network: { nodeLocalLoadBalancing: { enabled: true } } } } }).spec;
    expect(api).not.toHaveProperty('externalAddress');
    expect(api.sans).toContain('192.0.2.10');
  });

  it('reaches each member of etcd, and all of them through their Service', () => {
    const etcd = { ordinals: [0, 2], phase: 'settled' as const, replicas: 3 };
    expect(configOf({}, { etcd }).spec.storage).toMatchObject({
      type: 'etcd',
      etcd: {
        externalCluster: {
          endpoints: [
            'https://kmc-blue-etcd-0.kmc-blue-etcd.tenant.svc:2379',
            'https://kmc-blue-etcd-2.kmc-blue-etcd.tenant.svc:2379',
            'https://kmc-blue-etcd.tenant.svc:2379',
          ],
          etcdPrefix: 'blue',
          clientKeyFile: '/etc/k0s-certificates/apiserver-etcd-client.key',
        },
      },
    });
  });

  it.each([
    [{ dataSourceURL: 'postgres://db/k0s' }, undefined, 'postgres://db/k0s'],
    [{ dataSourceSecretName: 'db' }, 'mysql://secret', 'mysql://secret'],
  ])('uses kine with %j', (kine, kineDataSource, dataSource) => {
    const storage = { ...aPlane().spec.storage, type: 'kine' as const, kine };
    expect(configOf({ storage }, { etcd: undefined, kineDataSource }).spec.storage).toEqual({
      type: 'kine',
      kine: { dataSource },
    });
  });

  it('leaves the database to k0s when none is given, and hands arguments for kine on', () => {
    const storage = { ...aPlane().spec.storage, type: 'kine' as const };
    expect(configOf({ storage }, { etcd: undefined }).spec.storage).toEqual({ type: 'kine' });
    const extraArgs = { 's3-bucket': 'planes' };
    const k0sConfig = { spec: { storage: { type: 'etcd', kine: { dataSource: 'mysql://other', extraArgs } } } };
    const kine = { dataSourceURL: 't4:///var/lib/k0s/t4' };
    expect(configOf({ storage: { ...storage, kine }, k0sConfig }, { etcd: undefined }).spec.storage).toEqual({
      type: 'kine',
      kine: { dataSource: 't4:///var/lib/k0s/t4', extraArgs },
    });
  });

  it("keeps what the user wrote, arguments of the API server included, and replaces the user's storage", () => {
    const k0sConfig = {
      metadata: { labels: { a: 'b' } },
      spec: {
        api: { extraArgs: { 'audit-log-path': '-' } },
        images: { repository: 'registry.example.com' },
        storage: { type: 'kine' },
      },
    };
    const config = configOf({ k0sConfig });
    expect(config.metadata).toEqual({ name: 'k0s', labels: { a: 'b' } });
    expect(config.spec).toMatchObject({ images: { repository: 'registry.example.com' }, storage: { type: 'etcd' } });
    expect(config.spec.api.extraArgs).toEqual({
      'service-account-key-file': '/etc/k0s-certificates/sa.pub',
      'service-account-signing-key-file': '/etc/k0s-certificates/sa.key',
      'audit-log-path': '-',
    });
    expect(k0sConfig.spec.storage).toEqual({ type: 'kine' });
  });
});
