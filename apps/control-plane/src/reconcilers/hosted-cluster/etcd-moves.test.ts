import { K0smotronCluster } from '@k0smotron/api';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  aHostedPlane,
  aMember,
  givenCertificates,
  namesIn,
  type HostedWorld,
} from '../../../testing/a-hosted-plane.ts';
import { PersistentVolumeClaim, Pod, StatefulSet } from '../../hosted/kinds.ts';

const namespace = 'ns';
const etcdSet = { namespace, name: 'kmc-c-etcd' };

/** What the StatefulSet's controller, kubelet and etcd would do between two runs. */
async function kubelet(world: HostedWorld): Promise<void> {
  const { management, members } = world;
  const replicas = (await management.get(StatefulSet, etcdSet))?.spec?.replicas ?? 0;
  world.runPods('etcd', replicas);
  for (const { metadata } of await management.list(Pod)) {
    const ordinal = Number(metadata.name.split('-').at(-1));
    if (metadata.name.startsWith('kmc-c-etcd-') && ordinal >= replicas) await management.remove(Pod, metadata);
  }
  for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
    const name = `etcd-data-kmc-c-etcd-${ordinal}`;
    if (await management.get(PersistentVolumeClaim, { namespace, name })) continue;
    const labels = { app: 'k0smotron', cluster: 'c', component: 'etcd' };
    management.seed({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace, labels },
    } as never);
  }
  members.forEach((member, at) => {
    const ordinal = Number(/etcd-(\d+)\./.exec(member.peerUrls[0] ?? '')?.[1]);
    if (!member.started && ordinal < replicas)
      members[at] = { ...member, name: `kmc-c-etcd-${ordinal}`, started: true };
  });
}

/** Runs until nothing changes any more, and gives the number of voters after each run. */
async function settle(world: HostedWorld): Promise<readonly number[]> {
  const voters: number[] = [];
  for (let quiet = 0; quiet < 3;) {
    const before = JSON.stringify(world.members);
    const { writes } = await world.reconcile();
    quiet = writes.length === 0 && before === JSON.stringify(world.members) ? quiet + 1 : 0;
    voters.push(world.members.filter(({ learner }) => !learner).length);
    expect(world.members.filter(({ learner, started }) => learner || !started).length).toBeLessThan(2);
    if (voters.length > 60) throw new Error('it does not settle');
    await kubelet(world);
    await world.clock.advance(3000);
  }
  return voters.filter((count, at) => count !== voters[at - 1]);
}

async function scale(world: HostedWorld, replicas: number): Promise<void> {
  const patch = { type: 'merge', body: { spec: { replicas } } } as const;
  await world.management.patch(K0smotronCluster, { namespace, name: 'c' }, patch);
}

// Keys are made, which takes its time on a busy machine.
jest.setTimeout(60_000);
beforeAll(givenCertificates);

describe('etcd of a hosted Cluster', () => {
  it('grows by one learner at a time and shrinks again, each claim with its member', async () => {
    const world = aHostedPlane({ stored: await givenCertificates() });
    await world.reconcile();
    world.members.push(aMember(0));
    await kubelet(world);
    expect(await settle(world)).toEqual([1]);

    await scale(world, 3);
    expect(await settle(world)).toEqual([1, 2, 3]);
    // Those that join are called by a Service of their own, which DNS knows before their pod.
    expect(world.members.map(({ peerUrls: [url] }) => url)).toEqual([
      'https://kmc-c-etcd-0.kmc-c-etcd.ns.svc:2380',
      'https://kmc-c-etcd-1.ns.svc:2380',
      'https://kmc-c-etcd-2.ns.svc:2380',
    ]);
    const claims = await world.management.list(PersistentVolumeClaim);
    const marks = claims.map(({ metadata }) => metadata.annotations?.['k0smotron.io/etcd-member']);
    expect(marks).toEqual(world.members.map(({ id }) => id));

    await scale(world, 1);
    expect(await settle(world)).toEqual([2, 1]);
    expect(world.members.map(({ name }) => name)).toEqual(['kmc-c-etcd-0']);
    expect(namesIn(await world.management.list(PersistentVolumeClaim))).toEqual(['etcd-data-kmc-c-etcd-0']);
    expect(world.facts.map(({ data }) => data.fact).filter((fact) => fact === 'member-removed')).toHaveLength(2);
  });

  it('is left alone when it is not the one that was recorded', async () => {
    const world = aHostedPlane({ stored: await givenCertificates() });
    await world.reconcile();
    world.members.push(aMember(0));
    await kubelet(world);
    await settle(world);
    const annotations = { 'k0smotron.io/etcd-cluster-id': 'abcd' };
    const patch = { type: 'merge', body: { metadata: { annotations } } } as const;
    await world.management.patch(K0smotronCluster, { namespace, name: 'c' }, patch);
    await scale(world, 3);
    const { run } = await world.reconcile();
    expect(run.conditions.get('EtcdReady')).toMatchObject({
      status: 'False',
      reason: 'NotObserved',
      message: expect.stringContaining('the pods run etcd e7cd, this Cluster has etcd abcd'),
    });
    expect(world.members).toHaveLength(1);
    expect((await world.management.get(StatefulSet, etcdSet))?.spec?.replicas).toBe(1);
  });
});
