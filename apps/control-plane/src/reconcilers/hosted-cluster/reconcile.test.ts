import { Secret } from '@k0smotron/api';
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
    expect(namesIn(await world.management.list(Secret))).toEqual(
      ['ca', 'etcd', 'proxy', 'sa', 'apiserver-etcd-client', 'etcd-peer', 'etcd-server', 'kubeconfig']
        .map((name) => `c-${name}`)
        .sort(),
    );
    expect(namesIn(await world.management.list(StatefulSet))).toEqual(['kmc-c-etcd']);

    world.runPods('etcd', 1);
    world.members.push(aMember(0));
    await settle(world);
    expect((await world.cluster())?.metadata.annotations?.['k0smotron.io/etcd-cluster-id']).toBe('e7cd');
    expect(namesIn(await world.management.list(StatefulSet))).toEqual(['kmc-c', 'kmc-c-etcd']);
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
      'EtcdReady=True',
      'NotSupported=False',
      'Paused=False',
    ]);
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

/** Runs until nothing is written any more. */
async function settle(world: ReturnType<typeof aHostedPlane>): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    if ((await world.reconcile()).writes.length === 0) return;
  }
  throw new Error('ten runs wrote something each');
}
