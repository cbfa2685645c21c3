import { Cluster, K0smotronCluster, K0smotronControlPlane } from '@k0smotron/api';
import { apiVersionOf } from '@k0smotron/core';
import { fakeKube } from '@k0smotron/kube/testing';
import type { Caches } from '@k0smotron/runtime';
import { fakeCaches, fakeRun } from '@k0smotron/runtime/testing';
import { fakeClock } from '@k0smotron/testing';
import { describe, expect, it } from '@jest/globals';
import { storedCaches } from '../../../testing/stored-caches.ts';
import { Pod } from '../../hosted/kinds.ts';
import { byPlane, planeKeyOf, planeKeysOf } from '../../hosted/plane.ts';
import { reconcileHostedControlPlane } from './reconcile.ts';

const key = { namespace: 'ns', name: 'c' };
const spec = {
  replicas: 1,
  version: 'v1.34.4+k0s.0',
  image: 'quay.io/k0sproject/k0s',
  service: { type: 'NodePort', apiPort: 30443, konnectivityPort: 30132 },
  persistence: { type: 'emptyDir', autoDeletePVCs: false },
  storage: { type: 'etcd' },
};

/** A control plane `p` of the Cluster `c`. */
function aControlPlane(metadata: object = {}, { more = {}, elsewhere }: { more?: object; elsewhere?: Caches } = {}) {
  const clock = fakeClock();
  const management = fakeKube({
    clock,
    objects: [
      {
        apiVersion: apiVersionOf(Cluster),
        kind: 'Cluster',
        metadata: key,
        spec: {
          clusterNetwork: { pods: { cidrBlocks: ['10.244.0.0/16'] } },
          controlPlaneRef: { kind: 'K0smotronControlPlane', name: 'p' },
        },
      },
      {
        apiVersion: apiVersionOf(K0smotronControlPlane),
        kind: 'K0smotronControlPlane',
        metadata: {
          name: 'p',
          namespace: 'ns',
          ownerReferences: [{ apiVersion: apiVersionOf(Cluster), kind: 'Cluster', name: 'c', uid: 'u' }],
          ...metadata,
        },
        spec: { ...spec, ...more },
      },
    ] as never,
  });
  const reconcile = async () => {
    const object = await management.get(K0smotronControlPlane, { namespace: 'ns', name: 'p' });
    if (!object) throw new Error('the control plane is gone');
    const caches = await storedCaches(management, [Cluster, K0smotronCluster, K0smotronControlPlane, Pod], {
      [byPlane]: (it) => (it.kind === 'Cluster' ? [planeKeyOf(it as K0smotronCluster)] : planeKeysOf(it)),
    });
    const run = fakeRun(object, { kube: management, caches, clock });
    const before = management.calls.length;
    const dependencies = { hosting: { cachesOf: () => elsewhere } };
    const outcome = await reconcileHostedControlPlane(run, dependencies, new AbortController().signal);
    const writes = management.calls.slice(before).filter(({ verb }) => /create|apply|patch|remove/.test(verb));
    return { run, outcome, writes: writes.map(({ verb, what }) => `${verb} ${what}`) };
  };
  return { reconcile, management };
}

describe('a K0smotronControlPlane', () => {
  it("makes a hosted Cluster of the Cluster's name, with its networks, and is not moved", async () => {
    const { reconcile, management } = aControlPlane();
    await reconcile();
    const hosted = await management.get(K0smotronCluster, key);
    expect(hosted?.spec).toMatchObject({
      version: 'v1.34.4+k0s.0',
      k0sConfig: { spec: { network: { podCIDR: '10.244.0.0/16' } } },
    });
    expect(hosted?.metadata.ownerReferences).toMatchObject([{ kind: 'K0smotronControlPlane', name: 'p' }]);
    const stored = await management.get(K0smotronControlPlane, { namespace: 'ns', name: 'p' });
    expect(stored?.metadata.annotations).toHaveProperty(['clusterctl.cluster.x-k8s.io/block-move']);
    const again = await reconcile();
    expect(again.writes).toEqual([]);
    expect(again.outcome).toMatchObject({ kind: 'waiting', on: 'the address of the hosted Cluster' });
  });

  it('tells Cluster API the endpoint once, and that it is initialised once the API has answered', async () => {
    const { reconcile, management } = aControlPlane();
    await reconcile();
    const hosted = await management.get(K0smotronCluster, key);
    const annotations = { 'k0smotron.io/endpoint-host': '192.0.2.1', 'k0sproject.io/cluster-id': 'kube-system:u' };
    management.seed({
      ...hosted,
      metadata: { ...hosted?.metadata, annotations: { ...hosted?.metadata.annotations, ...annotations } },
      status: { conditions: [{ type: 'Available', status: 'True', reason: 'Available', message: '' }] },
    } as never);
    const { run } = await reconcile();
    expect((await management.get(Cluster, key))?.spec.controlPlaneEndpoint).toEqual({ host: '192.0.2.1', port: 30443 });
    expect(run.status.initialization).toEqual({ controlPlaneInitialized: true });
    expect(run.conditions.get('Available')).toMatchObject({ status: 'True' });
    expect((await reconcile()).writes).toEqual([]);
  });

  it('does not take over a hosted Cluster of somebody else', async () => {
    const { reconcile, management } = aControlPlane();
    management.seed({ apiVersion: apiVersionOf(K0smotronCluster), kind: 'Cluster', metadata: key, spec } as never);
    await expect(reconcile()).rejects.toThrow(/belongs to somebody else/);
  });

  describe('whose pods run in another cluster', () => {
    const more = { remoteHostCluster: { kubeconfigRef: { name: 'host', namespace: 'ns', key: 'value' } } };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'kmc-c-0', namespace: 'ns', labels: { cluster: 'c', component: 'cluster' } },
      spec: { containers: [{ name: 'controller', image: 'k0s:v1.34.4-k0s.0' }] },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    };

    it('may be moved, and counts the pods there', async () => {
      const elsewhere = fakeCaches([pod as never], { [byPlane]: planeKeysOf });
      const { reconcile, management } = aControlPlane({}, { more, elsewhere });
      await reconcile();
      const { run } = await reconcile();
      expect(run.conditions.get('Movable')).toMatchObject({ status: 'True', reason: 'RunsElsewhere' });
      const stored = await management.get(K0smotronControlPlane, { namespace: 'ns', name: 'p' });
      expect(stored?.metadata.annotations ?? {}).not.toHaveProperty(['clusterctl.cluster.x-k8s.io/block-move']);
      expect(run.status).toMatchObject({ replicas: 1, readyReplicas: 1, version: 'v1.34.4+k0s.0' });
    });

    it('keeps its counters while nothing is known of them', async () => {
      const { reconcile } = aControlPlane({}, { more });
      await reconcile();
      expect((await reconcile()).run.status).not.toHaveProperty('replicas');
    });
  });

  it('goes after its hosted Cluster', async () => {
    const { reconcile, management } = aControlPlane();
    await reconcile();
    const stored = await management.get(K0smotronControlPlane, { namespace: 'ns', name: 'p' });
    management.seed({ ...stored, metadata: { ...stored?.metadata, finalizers: ['x/y'] } } as never);
    await management.remove(K0smotronControlPlane, { namespace: 'ns', name: 'p' });
    expect((await reconcile()).writes).toEqual(['remove Cluster']);
    expect((await reconcile()).run.finalizers).not.toContain('k0smotron.controlplane.cluster.x-k8s.io');
  });
});
