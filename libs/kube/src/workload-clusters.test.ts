import { describe, expect, it } from '@jest/globals';
import { TerminalError } from '@k0smotron/core';
import { fakeClock } from '@k0smotron/testing';
import { fakeKube } from '../testing/index.ts';
import type { KubeConfig } from './kube-config.ts';
import { WorkloadClusters } from './workload-clusters.ts';

const cluster = { namespace: 'a', name: 'demo' };
const kubeconfig = (server: string): string =>
  JSON.stringify({
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    clusters: [{ name: 'x', cluster: { server } }],
    users: [{ name: 'x', user: { token: 't' } }],
  });

function world() {
  const management = fakeKube();
  const clock = fakeClock();
  const made: KubeConfig[] = [];
  const closed: string[] = [];
  const connect = (config: KubeConfig) => {
    made.push(config);
    return Object.assign(fakeKube(), { close: () => Promise.resolve(void closed.push(config.server)) });
  };
  const store = (text: string, labels = {}): void => {
    const metadata = { namespace: 'a', name: 'demo-kubeconfig', labels };
    const data = { value: Buffer.from(text).toString('base64') };
    management.seed({ apiVersion: 'v1', kind: 'Secret', metadata, data } as never);
  };
  const clusters = new WorkloadClusters({ management, clock, connect });
  const reads = (): number => management.calls.length;
  return { management, clock, clusters, made, closed, store, reads };
}

describe('WorkloadClusters', () => {
  it('has no client before there is a kubeconfig', async () => {
    const { clusters, store } = world();
    expect(await clusters.client(cluster)).toBeUndefined();
    store(kubeconfig('https://one'));
    expect(await clusters.client(cluster)).toBeDefined();
  });

  it('reads the Secret once a minute, however often it is asked', async () => {
    const { clusters, store, reads, clock } = world();
    store(kubeconfig('https://one'));
    const [first, second] = await Promise.all([clusters.client(cluster), clusters.client(cluster)]);
    expect(first).toBe(second);
    await clusters.client(cluster);
    expect(reads()).toBe(1);
    await clock.advance(60_000);
    expect(await clusters.client(cluster)).toBe(first);
    expect(reads()).toBe(2);
  });

  it('keeps the client when only labels of the Secret changed', async () => {
    const { clusters, store, made } = world();
    store(kubeconfig('https://one'));
    await clusters.client(cluster);
    store(kubeconfig('https://one'), { moved: 'yes' });
    clusters.forget(cluster);
    await clusters.client(cluster);
    expect(made.length).toBe(1);
  });

  it('drops the client when the kubeconfig changed or is gone', async () => {
    const { clusters, store, closed, management } = world();
    store(kubeconfig('https://one'));
    await clusters.client(cluster);
    store(kubeconfig('https://two'));
    clusters.forget(cluster);
    await clusters.client(cluster);
    expect(closed).toEqual(['https://one']);
    const secret = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
    await management.remove(secret, { namespace: 'a', name: 'demo-kubeconfig' });
    clusters.forget(cluster);
    expect(await clusters.client(cluster)).toBeUndefined();
    expect(closed).toEqual(['https://one', 'https://two']);
  });

  it('looks at the Secret again after the server refused the credentials', async () => {
    const { clusters, store, made, reads } = world();
    store(kubeconfig('https://one'));
    await clusters.client(cluster);
    await made[0]?.credentials?.({ renew: true });
    await clusters.client(cluster);
    expect(reads()).toBe(2);
  });

  it('says which Secret holds a kubeconfig that cannot be used', async () => {
    const { clusters, store } = world();
    store('nonsense: true');
    await expect(clusters.client(cluster)).rejects.toBeInstanceOf(TerminalError);
    await expect(clusters.client(cluster)).rejects.toThrow(
      'Secret a/demo-kubeconfig: kubeconfig: current-context is not set',
    );
  });
});
