import type { K0smotronCluster } from '@k0smotron/api';
import { keyOf, silentLogger, systemClock } from '@k0smotron/core';
import { fakeKube, type FakeKube } from '@k0smotron/kube/testing';
import { eventually } from '@k0smotron/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HostingClusters } from './hosting-clusters.ts';
import { Pod } from './kinds.ts';
import { hostedSelector } from './names.ts';

const ref = { namespace: 'ns', name: 'host', key: 'value' };
const aPlane = (name: string) =>
  ({
    metadata: { namespace: 'ns', name, uid: name },
    spec: { remoteHostCluster: { kubeconfigRef: ref }, service: { type: 'ClusterIP' }, storage: {} },
  }) as unknown as K0smotronCluster;
const pod = (cluster: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'ns', name, labels: { app: 'k0smotron', cluster, component: 'cluster' } },
});

const opened: HostingClusters[] = [];
function world() {
  let client: FakeKube | undefined = fakeKube();
  const clients = { client: () => Promise.resolve(client) };
  const hosting = new HostingClusters({ clients, clock: systemClock, logger: silentLogger });
  opened.push(hosting);
  const woken: string[] = [];
  hosting.source(
    (key) => woken.push(keyOf(key)),
    () => undefined,
  );
  const open = (name: string) => hosting.open(aPlane(name), ref, new AbortController().signal);
  const wakes = async (kube: FakeKube, name: string, podName: string) => {
    woken.length = 0;
    kube.seed(pod(name, podName));
    await eventually(() => expect(woken).toContain(`ns/${name}`), { what: `a wake of ${name}` });
  };
  return { hosting, woken, open, wakes, become: (kube: FakeKube | undefined) => (client = kube) };
}

describe('hosting clusters', () => {
  afterEach(() => opened.splice(0).forEach((hosting) => hosting.close()));

  it('share one set of watches for a kubeconfig, and wake whose part has changed', async () => {
    const { open, wakes, woken } = world();
    const [first, second] = [await open('a'), await open('b')];
    expect(second).toBe(first);
    const both = ['ns/a', 'ns/b'];
    await eventually(() => expect(woken).toEqual(both), { what: 'a first list of all, which wakes all' });
    expect(first?.synced).toBe(true);
    await wakes(first?.kube as FakeKube, 'b', 'kmc-b-0');
    expect(woken).not.toContain('ns/a');
    expect(first?.caches.of(Pod, hostedSelector).list().length).toBe(1);
  });

  it('begin anew with a new kubeconfig, for all planes behind it', async () => {
    const { open, wakes, woken, become, hosting } = world();
    const old = await open('a');
    await open('b');
    await eventually(() => expect(old?.synced).toBe(true), { what: 'a first list of all' });
    const next = fakeKube();
    become(next);
    const anew = await open('a');
    expect(anew?.kube).toBe(next);
    await wakes(next, 'b', 'kmc-b-0');
    woken.length = 0;
    (old?.kube as FakeKube).seed(pod('a', 'kmc-a-9'));
    await wakes(next, 'a', 'kmc-a-0');
    expect(old?.caches.of(Pod, hostedSelector).list()).toEqual([]);
    expect(hosting.cachesOf(aPlane('a'))).toBe(anew?.caches);
  });

  it('are forgotten with their last plane, and without a kubeconfig', async () => {
    const { open, hosting, become } = world();
    const first = await open('a');
    await open('b');
    hosting.leave(aPlane('a'));
    expect(hosting.cachesOf(aPlane('a'))).toBeUndefined();
    expect(await open('a')).toBe(first);
    become(undefined);
    expect(await open('a')).toBeUndefined();
    expect(await open('b')).toBeUndefined();
    become(first?.kube as FakeKube);
    expect(await open('a')).not.toBe(first);
  });
});
