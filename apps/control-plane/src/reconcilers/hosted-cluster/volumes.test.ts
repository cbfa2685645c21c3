import { K0smotronCluster } from '@k0smotron/api';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { aHostedPlane, aMember, givenCertificates, type HostedWorld } from '../../../testing/a-hosted-plane.ts';
import { PersistentVolumeClaim, Pod, StatefulSet } from '../../hosted/kinds.ts';

const namespace = 'ns';
const etcdSet = { namespace, name: 'kmc-c-etcd' };
const claim = { namespace, name: 'etcd-data-kmc-c-etcd-0' };

// Keys are made, which takes its time on a busy machine.
jest.setTimeout(60_000);
beforeAll(givenCertificates);

const sizeOf = (set: StatefulSet | undefined): unknown =>
  (set?.spec?.volumeClaimTemplates?.[0] as { spec: { resources: object } } | undefined)?.spec.resources;

/** A plane whose only member runs on a claim of 1Gi. */
async function aPlaneWithData(): Promise<HostedWorld> {
  const world = aHostedPlane({ stored: await givenCertificates() });
  await world.reconcile();
  world.runPods('etcd', 1);
  world.members.push(aMember(0));
  world.management.seed({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...claim, labels: { app: 'k0smotron', cluster: 'c', component: 'etcd' } },
    spec: { resources: { requests: { storage: '1Gi' } } },
  } as never);
  for (let turn = 0; turn < 4; turn += 1) await world.reconcile();
  return world;
}

async function ask(world: HostedWorld, size: string): Promise<void> {
  const body = { spec: { storage: { etcd: { persistence: { size } } } } };
  await world.management.patch(K0smotronCluster, { namespace, name: 'c' }, { type: 'merge', body });
}

describe('the volumes of etcd', () => {
  it('grow: first the claims, then the StatefulSet is made anew under its pods', async () => {
    const world = await aPlaneWithData();
    const before = await world.management.get(StatefulSet, etcdSet);
    await ask(world, '2Gi');
    const { run } = await world.reconcile();
    expect(run.conditions.get('VolumesResized')).toMatchObject({ status: 'False', reason: 'Resizing' });
    const grown = await world.management.get(PersistentVolumeClaim, claim);
    expect(grown?.spec?.resources?.requests).toEqual({ storage: '2Gi' });

    await world.reconcile();
    expect(await world.management.get(StatefulSet, etcdSet)).toBeUndefined();
    expect(world.management.calls.filter(({ verb, what }) => verb === 'remove' && what === 'Pod')).toEqual([]);
    await world.reconcile();
    const after = await world.management.get(StatefulSet, etcdSet);
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
    expect(sizeOf(after)).toEqual({ requests: { storage: '2Gi' } });
    expect(await world.management.get(Pod, { namespace, name: 'kmc-c-etcd-0' })).toBeDefined();
    expect((await world.reconcile()).run.conditions.get('VolumesResized')).toMatchObject({ status: 'True' });
  });

  it('wait for all members to be healthy before their StatefulSet goes', async () => {
    const world = await aPlaneWithData();
    await ask(world, '2Gi');
    await world.reconcile();
    world.members.push(aMember(1));
    const { run } = await world.reconcile();
    expect(await world.management.get(StatefulSet, etcdSet)).toBeDefined();
    expect(run.conditions.get('VolumesResized')?.message).toContain('once all members of etcd are healthy');
  });

  it('never shrink, and the rest of the spec is followed all the same', async () => {
    const world = await aPlaneWithData();
    await ask(world, '512Mi');
    const body = { spec: { storage: { etcd: { image: 'etcd:v3.6.9' } } } };
    await world.management.patch(K0smotronCluster, { namespace, name: 'c' }, { type: 'merge', body });
    const { run } = await world.reconcile();
    expect(run.conditions.get('VolumesResized')).toMatchObject({
      status: 'False',
      reason: 'Shrinking',
      message: 'volume etcd-data of StatefulSet kmc-c-etcd has 1Gi and cannot shrink to 512Mi: set the old value again',
    });
    const set = await world.management.get(StatefulSet, etcdSet);
    expect(sizeOf(set)).toEqual({ requests: { storage: '1Gi' } });
    expect(JSON.stringify(set)).toContain('etcd:v3.6.9');
  });
});
