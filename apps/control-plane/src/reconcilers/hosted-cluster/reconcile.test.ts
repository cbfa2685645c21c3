import { Secret } from '@k0smotron/api';
import { refusingAudit } from '@k0smotron/audit/testing';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { aHostedPlane, aMember, givenCertificates, namesIn } from '../../../testing/a-hosted-plane.ts';
import { StatefulSet } from '../../hosted/kinds.ts';

// Keys are made, which takes its time on a busy machine.
jest.setTimeout(60_000);
beforeAll(givenCertificates);

describe('a new hosted Cluster', () => {
  it('gets certificates, a kubeconfig and etcd, and API servers only once etcd is recorded', async () => {
    const world = aHostedPlane();
    const { run } = await world.reconcile();
    expect(run.finalizers).toContain('k0smotron.io/finalizer');
    const secrets = ['ca', 'etcd', 'proxy', 'sa', 'apiserver-etcd-client', 'etcd-peer', 'etcd-server', 'kubeconfig']
      .map((name) => `c-${name}`)
      .sort();
    expect(namesIn(await world.management.list(Secret))).toEqual(secrets);
    expect(world.facts.map(({ data }) => (data.details as { secretName?: string }).secretName).sort()).toEqual(secrets);
    expect(namesIn(await world.management.list(StatefulSet))).toEqual(['kmc-c-etcd']);

    world.runPods('etcd', 1);
    world.members.push(aMember(0));
    await settle(world);
    expect((await world.cluster())?.metadata.annotations?.['k0smotron.io/etcd-cluster-id']).toBe('e7cd');
    expect(namesIn(await world.management.list(StatefulSet))).toEqual(['kmc-c', 'kmc-c-etcd']);
  });

  it('gets no Secret before the outbox knows of all of them (SR-8)', async () => {
    const world = aHostedPlane({ audit: refusingAudit(new Error('no answer')) });
    await expect(world.reconcile()).rejects.toThrow('no answer');
    expect(await world.management.list(Secret)).toEqual([]);
  });

  it('is left alone once it is as it should be: the next run writes nothing', async () => {
    const world = aHostedPlane({ stored: await givenCertificates() });
    await world.reconcile();
    world.runPods('etcd', 1);
    world.members.push(aMember(0));
    await settle(world);
    world.runPods('cluster', 1);
    await settle(world);
    const { run, writes } = await world.reconcile();
    expect(writes).toEqual([]);
    expect([...run.conditions.values()].map(({ type, status }) => `${type}=${status}`).sort()).toEqual([
      'APIServerReady=True',
      'Available=True',
      'ControlPlaneExposed=True',
      'ControlPlaneFunctional=True',
      'ControlPlaneScaling=False',
      'ControlPlaneUpToDate=True',
      'Deleting=False',
      'EndpointReachable=True',
      'EtcdReady=True',
      'KonnectivityReady=True',
      'Paused=False',
      'VolumesResized=True',
    ]);
  });

  it('gets owners of its Secrets back (OR-2), but for those that the user has made', async () => {
    const world = aHostedPlane();
    await world.reconcile();
    await settle(world);
    const ownersOf = async (): Promise<string[]> =>
      (await world.management.list(Secret)).map(({ metadata }) =>
        [metadata.name, ...(metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind}/${name}`)].join(' '),
      );
    const before = await ownersOf();
    expect(before).toContain('c-ca Cluster/c');
    const fieldManager = { fieldManager: 'somebody' };
    for (const { metadata } of await world.management.list(Secret)) {
      const body = { metadata: { ownerReferences: null } };
      const key = { namespace: 'ns', name: metadata.name };
      await world.management.patch(Secret, key, { type: 'merge', body }, fieldManager);
    }
    const own = { name: 'c-etcd-peer', namespace: 'ns' };
    await world.management.patch(Secret, own, { type: 'merge', body: { type: 'kubernetes.io/tls' } }, fieldManager);
    await world.clock.advance(61_000);
    await world.reconcile();
    expect(await ownersOf()).toEqual(before.map((line) => (line.startsWith('c-etcd-peer') ? 'c-etcd-peer' : line)));
  });

  it('never makes a second authority for pods that run', async () => {
    const world = aHostedPlane({ stored: await givenCertificates() });
    await world.reconcile();
    await world.management.remove(Secret, { namespace: 'ns', name: 'c-ca' });
    await world.clock.advance(61_000);
    const { run, writes } = await world.reconcile();
    expect(writes).toEqual([]);
    expect(run.conditions.get('CertificatesAvailable')?.message).toBe(
      'Missing Secrets: c-ca. New ones would break the running cluster: restore them',
    );
  });
});

describe('a hosted Cluster that serves', () => {
  it('says what is in the way of workers, and looks again until it is gone', async () => {
    const inTheWay = { reason: 'NoRoute', message: 'https://192.0.2.1:30443: no answer' };
    const options = { stored: await givenCertificates(), inTheWay };
    const world = aHostedPlane(options);
    await world.reconcile();
    world.runPods('etcd', 1);
    world.members.push(aMember(0));
    await settle(world);
    world.runPods('cluster', 1);
    const { run } = await world.reconcile();
    expect(run.conditions.get('EndpointReachable')).toMatchObject({ status: 'False', ...inTheWay });
    expect(run.conditions.get('KonnectivityReady')).toMatchObject({ status: 'False', ...inTheWay });
    world.clear();
    expect((await world.reconcile()).run.conditions.get('EndpointReachable')?.status).toBe('False');
    await world.clock.advance(15_000);
    const free = (await world.reconcile()).run.conditions;
    expect(free.get('EndpointReachable')).toMatchObject({ status: 'True', reason: 'Reachable' });
    expect(free.get('KonnectivityReady')).toMatchObject({ status: 'True', reason: 'Ready' });
  });

  it('counts the agents on workers', async () => {
    const world = aHostedPlane({ stored: await givenCertificates() });
    const status = { desiredNumberScheduled: 2, numberReady: 1 };
    const agents = { namespace: 'kube-system', name: 'konnectivity-agent' };
    world.workload.seed({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: agents, status } as never);
    world.runPods('cluster', 1);
    const { run } = await world.reconcile();
    expect(run.conditions.get('KonnectivityReady')).toMatchObject({
      status: 'False',
      reason: 'AgentsNotReady',
      message: expect.stringContaining('1 of 2 agents are ready'),
    });
  });

  it('makes certificates anew at half of their life, and says which ends next', async () => {
    const world = aHostedPlane({ stored: await givenCertificates() });
    const before = await world.reconcile();
    expect(before.run.conditions.get('CertificatesValid')).toMatchObject({
      status: 'True',
      message: expect.stringMatching(/^The next to end is that of Secret c-\S+, on \S+; it is made anew on \S+$/),
    });
    await world.clock.advance(200 * 86_400_000);
    const { run, writes } = await world.reconcile();
    expect(writes.filter((write) => write.startsWith('patch Secret')).sort()).toEqual(
      ['apiserver-etcd-client', 'etcd-peer', 'etcd-server', 'kubeconfig'].map((it) => `patch Secret ns/c-${it}`),
    );
    expect(run.conditions.get('CertificatesValid')?.message).not.toBe(
      before.run.conditions.get('CertificatesValid')?.message,
    );
  });
});

/** Runs until nothing is written any more. */
async function settle(world: ReturnType<typeof aHostedPlane>): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    if ((await world.reconcile()).writes.length === 0) return;
  }
  throw new Error('ten runs wrote something each');
}
