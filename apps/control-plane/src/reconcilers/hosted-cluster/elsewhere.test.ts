import { ConfigMap, K0smotronCluster, Secret } from '@k0smotron/api';
import type { KubeObject } from '@k0smotron/core';
import { ForbiddenError, UnreachableError } from '@k0smotron/kube';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  aHostedPlane,
  aMember,
  anEmptyElsewhere,
  givenCertificates,
  namesIn,
} from '../../../testing/a-hosted-plane.ts';
import { generatedKinds, PersistentVolumeClaim, Pod, StatefulSet } from '../../hosted/kinds.ts';

jest.setTimeout(60_000);
beforeAll(givenCertificates);

const spec = { remoteHostCluster: { kubeconfigRef: { name: 'host', namespace: 'ns', key: 'value' } } };
const kubeconfig = (over: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'host', namespace: 'ns', ...over },
});

type Options = Parameters<typeof aHostedPlane>[0];
async function aPlaneElsewhere({ objects, ...options }: Options & { readonly objects?: readonly object[] } = {}) {
  const elsewhere = anEmptyElsewhere(objects);
  const stored = [...(await givenCertificates()), kubeconfig()];
  const world = aHostedPlane({ stored, elsewhere, ...options, spec: { ...spec, ...options.spec } });
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 10; round += 1) if ((await world.reconcile()).writes.length === 0) return;
    throw new Error('ten runs wrote something each');
  };
  return { ...world, elsewhere, settle };
}

/** With all pods up and all conditions settled. */
async function aRunningPlaneElsewhere(options: Options = {}) {
  const world = await aPlaneElsewhere(options);
  await world.settle();
  world.runPods('etcd', 1);
  world.members.push(aMember(0));
  await world.settle();
  world.runPods('cluster', 1);
  await world.settle();
  return world;
}

const conditionOf = async (world: Pick<ReturnType<typeof aHostedPlane>, 'reconcile'>, type = 'HostingClusterReady') =>
  (await world.reconcile()).run.conditions.get(type);

describe('a plane whose pods run in another cluster', () => {
  it('has everything that pods need there, marked as its own, and nothing of it at home', async () => {
    const world = await aRunningPlaneElsewhere();
    const { kube } = world.elsewhere;
    const there = (await Promise.all([...generatedKinds, Secret].map((kind) => kube.list(kind)))).flat();
    expect(new Set(there.map(({ metadata }) => metadata.labels?.['k0smotron.io/hosted-as']))).toEqual(
      new Set([(await world.cluster())?.metadata.uid]),
    );
    expect(there.filter(({ metadata }) => metadata.ownerReferences)).toEqual([]);
    expect(namesIn(await kube.list(StatefulSet))).toEqual(['kmc-c', 'kmc-c-etcd']);
    const secrets = await kube.list(Secret);
    expect(namesIn(secrets)).toEqual(
      ['apiserver-etcd-client', 'ca', 'etcd', 'etcd-peer', 'etcd-server', 'proxy', 'sa'].map((type) => `c-${type}`),
    );
    expect(Object.keys(secrets.find(({ metadata }) => metadata.name === 'c-etcd')?.data ?? {})).toEqual(['tls.crt']);
    const home = await Promise.all(generatedKinds.map((kind) => world.management.list(kind)));
    expect(home.flat()).toEqual([]);
    expect(await conditionOf(world)).toMatchObject({ status: 'True', reason: 'Ready' });
    expect((await conditionOf(world, 'Available'))?.status).toBe('True');
  });

  it('is left alone once it is as it should be, and renews the copies of what is renewed', async () => {
    const world = await aRunningPlaneElsewhere();
    expect((await world.reconcile()).writes).toEqual([]);
    await world.clock.advance(200 * 86_400_000);
    const { writes } = await world.reconcile();
    expect(writes.filter((write) => write.startsWith('apply Secret')).sort()).toEqual(
      ['apiserver-etcd-client', 'etcd-peer', 'etcd-server'].map((type) => `apply Secret ns/c-${type}`),
    );
  });

  it('does nothing there while it does not answer, and still asks the API', async () => {
    const world = await aRunningPlaneElsewhere();
    const before = (await world.cluster())?.status;
    await world.clock.advance(31_000);
    world.elsewhere.kube.failNext('get', new UnreachableError('refused, tried again in 7 s'));
    const { run, writes } = await world.reconcile();
    expect(run.conditions.get('HostingClusterReady')).toMatchObject({
      status: 'False',
      reason: 'Unreachable',
      message: 'hosting cluster of Secret ns/host: it does not answer, and nothing is changed there',
    });
    expect(writes).toEqual([]);
    expect(run.conditions.get('Available')?.status).toBe('True');
    expect(run.status).toMatchObject({ replicas: before?.replicas, readyReplicas: before?.readyReplicas });
    await world.clock.advance(11_000);
    expect(await conditionOf(world)).toMatchObject({ status: 'True' });
  });

  it('takes nothing for granted before all has been listed', async () => {
    const world = await aPlaneElsewhere();
    world.elsewhere.state = 'listing';
    expect(await conditionOf(world)).toMatchObject({ status: 'False', reason: 'Listing' });
    world.elsewhere.kube.failNext('list', new ForbiddenError(403, 'Forbidden', 'user u cannot list pods'), 'Pod');
    await world.clock.advance(11_000);
    expect(await conditionOf(world)).toMatchObject({
      reason: 'Refused',
      message: expect.stringContaining('cannot list pods'),
    });
    expect(await world.elsewhere.kube.list(ConfigMap)).toEqual([]);
    world.elsewhere.state = 'well';
    expect(await conditionOf(world)).toMatchObject({ status: 'True' });
  });

  it('waits for its kubeconfig', async () => {
    const world = await aPlaneElsewhere();
    world.elsewhere.state = 'without kubeconfig';
    expect(await conditionOf(world)).toMatchObject({ reason: 'KubeconfigMissing' });
  });

  const foreign = { ...spec.remoteHostCluster.kubeconfigRef, namespace: 'admins' };
  it.each([
    [{}, 'False'],
    [{ annotations: { 'k0smotron.io/hosts-planes-of': 'others' } }, 'False'],
    [{ annotations: { 'k0smotron.io/hosts-planes-of': 'others, ns' } }, 'True'],
    [{ annotations: { 'k0smotron.io/hosts-planes-of': '*' } }, 'True'],
  ])("uses another namespace's kubeconfig only when that is shared: %j", async (metadata, status) => {
    const stored = [...(await givenCertificates()), kubeconfig({ namespace: 'admins', ...metadata })];
    const world = await aPlaneElsewhere({ stored, spec: { remoteHostCluster: { kubeconfigRef: foreign } } });
    expect(await conditionOf(world)).toMatchObject({ status, reason: status === 'True' ? 'Ready' : 'NotShared' });
  });

  it('touches nothing of a plane of that name that another Cluster has there, not even when it is deleted', async () => {
    const metadata = {
      name: 'kmc-c-place',
      namespace: 'ns',
      labels: { app: 'k0smotron', 'k0smotron.io/hosted-as': 'x' },
    };
    const pod = { name: 'kmc-c-0', namespace: 'ns', labels: { app: 'k0smotron', cluster: 'c', component: 'cluster' } };
    const objects = [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata },
      { apiVersion: 'v1', kind: 'Pod', metadata: pod },
    ];
    const world = await aPlaneElsewhere({ objects });
    const { run } = await world.reconcile();
    expect(run.conditions.get('HostingClusterReady')).toMatchObject({ status: 'False', reason: 'NameTaken' });
    await remove(world);
    const last = await world.reconcile();
    expect([...last.run.finalizers]).toEqual([]);
    expect(last.writes).toEqual([]);
    expect(namesIn(await world.elsewhere.kube.list(Pod))).toEqual(['kmc-c-0']);
  });

  it('does not take another cluster for the one that it is in', async () => {
    const world = await aRunningPlaneElsewhere();
    const { kube } = world.elsewhere;
    await kube.remove(
      { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
      { name: 'ns' },
    );
    await world.clock.advance(31_000);
    const { run, writes } = await world.reconcile();
    expect(run.conditions.get('HostingClusterReady')).toMatchObject({ status: 'False', reason: 'OtherCluster' });
    expect(writes).toEqual([]);
  });

  it('is itself after a move, which changes uids', async () => {
    const world = await aRunningPlaneElsewhere();
    const cluster = await world.cluster();
    const { annotations } = cluster?.metadata ?? {};
    const moved = aHostedPlane({
      stored: [...(await world.management.list(Secret)), kubeconfig()],
      elsewhere: world.elsewhere,
      spec,
      metadata: { uid: 'another', annotations },
    });
    moved.members.push(aMember(0));
    const { run, writes } = await moved.reconcile();
    // The API of this test's workload cluster is another one, which is noted at home.
    expect(writes.filter((write) => write !== 'patch Cluster ns/c')).toEqual([]);
    expect(run.conditions.get('HostingClusterReady')).toMatchObject({ status: 'True' });
  });
});

describe('a plane elsewhere that is deleted', () => {
  it('goes in order and leaves nothing there, not even what no cache shows', async () => {
    const world = await aRunningPlaneElsewhere();
    const { kube } = world.elsewhere;
    const id = (await world.cluster())?.metadata.uid;
    const hidden = { name: 'hidden', namespace: 'ns', labels: { 'k0smotron.io/hosted-as': id } };
    kube.seed({ apiVersion: 'v1', kind: 'Secret', metadata: hidden });
    await remove(world);
    const order: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      const { run, writes } = await world.reconcile();
      order.push(...writes.map((write) => write.replace(/^remove (\w+) ns\/kmc-c(-etcd)?$/, '$1$2')));
      for (const pod of await kube.list(Pod)) await kube.remove(Pod, pod.metadata);
      if (run.finalizers.size === 0) break;
    }
    expect(order.slice(0, 2)).toEqual(['StatefulSet', 'StatefulSet-etcd']);
    expect(order.at(-1)).toBe('remove ConfigMap ns/kmc-c-place');
    const left = await Promise.all(
      [...generatedKinds, Secret, Pod, PersistentVolumeClaim].map((kind) => kube.list<KubeObject>(kind)),
    );
    expect(left.flat()).toEqual([]);
  });

  it('waits for a cluster that does not answer, and is let go by an annotation', async () => {
    const world = await aRunningPlaneElsewhere();
    await remove(world);
    await world.clock.advance(31_000);
    world.elsewhere.kube.failNext('get', new UnreachableError('refused'));
    const held = await world.reconcile();
    expect(held.run.conditions.get('Deleting')?.message).toContain(
      'annotate this one with k0smotron.io/abandon-hosted-objects',
    );
    expect(held.run.finalizers).toContain('k0smotron.io/finalizer');
    await held.run.annotate({ 'k0smotron.io/abandon-hosted-objects': 'true' });
    const { run, writes } = await world.reconcile();
    expect(writes).toEqual([]);
    expect([...run.finalizers]).toEqual([]);
    expect(run.events).toMatchObject([{ type: 'Warning', reason: 'LeftBehind' }]);
  });

  it('goes at once when nothing was made there yet', async () => {
    const world = await aPlaneElsewhere();
    world.elsewhere.state = 'without kubeconfig';
    await world.reconcile();
    await remove(world);
    expect([...(await world.reconcile()).run.finalizers]).toEqual([]);
  });
});

/** A user's deletion, held by the finalizer. */
async function remove({ management, cluster }: Pick<ReturnType<typeof aHostedPlane>, 'management' | 'cluster'>) {
  const stored = await cluster();
  const metadata = { ...stored?.metadata, finalizers: ['k0smotron.io/finalizer'] };
  management.seed({ ...stored, metadata } as never);
  await management.remove(K0smotronCluster, { namespace: 'ns', name: 'c' });
}
