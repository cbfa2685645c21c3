import { describe, expect, it } from '@jest/globals';
import { managesEtcd, renderControllerConfig, renderDynamicConfig } from './config.ts';

const base = { machineName: 'cp-0', endpointHost: '10.0.0.1' };
const specOf = (config: unknown): Record<string, Record<string, unknown>> =>
  (config as { spec: Record<string, Record<string, unknown>> }).spec;

describe('renderControllerConfig', () => {
  it('makes a whole configuration when the user gives none', () => {
    expect(renderControllerConfig(base)).toEqual({
      apiVersion: 'k0s.k0sproject.io/v1beta1',
      kind: 'ClusterConfig',
      metadata: { name: 'k0s' },
      spec: {
        api: { externalAddress: '10.0.0.1' },
        network: {},
        storage: { type: 'etcd', etcd: { extraArgs: { name: 'cp-0' } } },
      },
    });
  });

  it('keeps the user’s etcd arguments and adds the member’s name', () => {
    const k0s = { spec: { storage: { etcd: { extraArgs: { 'quota-backend-bytes': '1', name: 'mine' } } } } };
    const { storage } = specOf(renderControllerConfig({ ...base, k0s }));
    expect(storage).toEqual({
      type: 'etcd',
      etcd: { extraArgs: { 'quota-backend-bytes': '1', name: 'cp-0' } },
    });
    expect(k0s.spec.storage.etcd.extraArgs.name).toBe('mine');
  });

  it.each([
    ['kine', { storage: { type: 'kine', kine: { dataSource: 'mysql://x' } } }, {}],
    ['external etcd', { storage: { etcd: { externalCluster: { endpoints: ['https://e'] } } } }, {}],
    ['a single controller', {}, { single: true }],
    ['k0s before v1.31.1', {}, { version: 'v1.27.1+k0s.0' }],
  ])('says nothing about members with %s', (_, spec, over) => {
    const rendered = specOf(renderControllerConfig({ ...base, ...over, k0s: { spec } }));
    expect(rendered.storage).toEqual((spec as { storage?: unknown }).storage);
  });

  it('leads nobody to one address under node-local load balancing, and still certifies it', () => {
    const k0s = { spec: { network: { nodeLocalLoadBalancing: { enabled: true } }, api: { sans: ['a'] } } };
    expect(specOf(renderControllerConfig({ ...base, k0s })).api).toEqual({ sans: ['a', '10.0.0.1'] });
  });

  it('keeps the user’s own external address and certifies the endpoint too', () => {
    const k0s = { spec: { api: { externalAddress: 'api.example' } } };
    expect(specOf(renderControllerConfig({ ...base, k0s, sans: ['t'] })).api).toEqual({
      externalAddress: 'api.example',
      sans: ['10.0.0.1', 't'],
    });
  });

  it('fills networks from the Cluster only where the user left them open', () => {
    const k0s = { spec: { network: { podCIDR: '10.1.0.0/16', provider: 'custom' } } };
    const options = {
      ...base,
      k0s,
      podCidrs: ['10.9.0.0/16'],
      serviceCidrs: ['10.2.0.0/16'],
      serviceDomain: 'x.local',
    };
    expect(specOf(renderControllerConfig(options)).network).toEqual({
      podCIDR: '10.1.0.0/16',
      serviceCIDR: '10.2.0.0/16',
      clusterDomain: 'x.local',
      provider: 'custom',
    });
  });

  it('splits the families of a dual-stack Cluster', () => {
    const options = { ...base, podCidrs: ['fd00::/48', '10.1.0.0/16'], serviceCidrs: ['10.2.0.0/16', 'fd01::/108'] };
    expect(specOf(renderControllerConfig(options)).network).toEqual({
      podCIDR: '10.1.0.0/16',
      serviceCIDR: '10.2.0.0/16',
      dualStack: { enabled: true, IPv6podCIDR: 'fd00::/48', IPv6serviceCIDR: 'fd01::/108' },
    });
  });
});

describe('renderDynamicConfig', () => {
  it('leaves out what belongs to one controller', () => {
    const config = renderControllerConfig({
      ...base,
      k0s: { spec: { network: { provider: 'calico', controlPlaneLoadBalancing: { enabled: true } } } },
    });
    expect(renderDynamicConfig(config)).toMatchObject({
      metadata: { name: 'k0s', namespace: 'kube-system' },
      spec: { network: { provider: 'calico' } },
    });
    expect(specOf(renderDynamicConfig(config)).storage).toBeUndefined();
    expect(specOf(renderDynamicConfig(config)).network?.controlPlaneLoadBalancing).toBeUndefined();
  });
});

describe('managesEtcd', () => {
  it('is true unless the data lives elsewhere', () => {
    expect(managesEtcd(undefined)).toBe(true);
    expect(managesEtcd({ spec: { storage: { type: 'kine' } } })).toBe(false);
    expect(managesEtcd(undefined, { single: true })).toBe(false);
    expect(managesEtcd({ spec: { storage: { type: 'etcd' } } }, { single: true })).toBe(true);
  });
});
