import {
  Cluster,
  JoinTokenRequest,
  K0sControlPlane,
  K0smotronCluster,
  K0smotronControlPlane,
  Secret,
} from '@k0smotron/api';
import { apiVersionOf, type Kind, type KubeObject } from '@k0smotron/core';
import { eventually } from '@k0smotron/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedKinds, Pod, StatefulSet } from '../src/hosted/kinds.ts';
import { hostedSelector } from '../src/hosted/names.ts';
import { installClusterApi, startManagementCluster, type ManagementCluster } from './management-cluster.ts';
import { startMember } from './member-on-loopback.ts';

const namespace = 'default';
const key = { namespace, name: 'hosted' };
const address = '127.0.77.1';
const timeoutMs = 60_000;

describe('a hosted Cluster on a real API server without Cluster API', () => {
  let management: ManagementCluster;

  beforeAll(async () => {
    management = await startManagementCluster();
  });
  afterAll(async () => {
    await management?.close();
  });

  const generated = async (): Promise<ReadonlyMap<string, KubeObject>> => {
    const { kube } = management;
    const lists = await Promise.all(
      generatedKinds.map((kind: Kind) => kube.list(kind, { namespace, labelSelector: hostedSelector })),
    );
    return new Map(lists.flat().map((object) => [`${object.kind}/${object.metadata.name}`, object]));
  };
  const conditionsOf = async (): Promise<ReadonlyMap<string, string>> => {
    const { status } = (await management.kube.get(K0smotronCluster, key)) ?? {};
    return new Map(status?.conditions?.map(({ type, status: is, message }) => [type, `${is} ${message}`]));
  };

  it('makes certificates, kubeconfig and etcd, and no API server before etcd', async () => {
    const spec = {
      version: 'v1.34.4+k0s.0',
      externalAddress: '192.0.2.1',
      service: { type: 'NodePort', apiPort: 30443, konnectivityPort: 30132 },
      storage: { type: 'etcd', etcd: { autoDeletePVCs: true } },
    };
    await management.kube.create(K0smotronCluster, { metadata: key, spec } as never, { fieldManager: 'test' });
    await eventually(
      async () => {
        expect([...(await generated()).keys()].sort()).toEqual([
          'ConfigMap/kmc-hosted-etcd-members',
          'NetworkPolicy/kmc-hosted-etcd',
          'PodDisruptionBudget/kmc-hosted-etcd',
          'Service/kmc-hosted-etcd',
          'Service/kmc-hosted-nodeport',
          'StatefulSet/kmc-hosted-etcd',
        ]);
        const secrets = (await management.kube.list(Secret, { namespace })).map(({ metadata }) => metadata.name);
        const wanted = ['ca', 'etcd', 'proxy', 'sa', 'apiserver-etcd-client', 'etcd-peer', 'etcd-server', 'kubeconfig'];
        expect(secrets).toEqual(expect.arrayContaining(wanted.map((name) => `hosted-${name}`)));
        expect((await conditionsOf()).get('EtcdReady')).toMatch(/^False /);
      },
      { timeoutMs, what: 'all that comes before etcd' },
    );
  }, 90_000);

  it('finds its etcd healthy and writes that down, then makes the API servers', async () => {
    const { kube } = management;
    await startMember(management, { cluster: key.name, address });
    await runMemberPod();
    await eventually(
      async () => {
        const cluster = await kube.get(K0smotronCluster, key);
        expect(cluster?.metadata.annotations?.['k0smotron.io/etcd-cluster-id']).toMatch(/^[0-9a-f]+$/);
        expect((await conditionsOf()).get('EtcdReady')).toBe('True ');
        expect([...(await generated()).keys()]).toEqual(
          expect.arrayContaining([
            'StatefulSet/kmc-hosted',
            'ConfigMap/kmc-hosted-config',
            'ConfigMap/kmc-hosted-endpoint',
          ]),
        );
        expect((await conditionsOf()).get('APIServerReady')).toMatch(/^False 0 of 1 API servers are ready/);
      },
      { timeoutMs, what: 'API servers' },
    );
  }, 90_000);

  it('writes nothing but what a change is about', async () => {
    const { kube } = management;
    const before = versionsOf(await generated());
    const body = { spec: { resources: { requests: { cpu: '100m' } } } };
    await kube.patch(K0smotronCluster, key, { type: 'merge', body });
    const after = await eventually(
      async () => {
        const now = versionsOf(await generated());
        expect(now.get('StatefulSet/kmc-hosted')).not.toBe(before.get('StatefulSet/kmc-hosted'));
        return now;
      },
      { timeoutMs, what: 'the new template' },
    );
    const changed = [...after].filter(([name, version]) => before.get(name) !== version).map(([name]) => name);
    expect(changed).toEqual(['StatefulSet/kmc-hosted']);
  }, 90_000);

  it('makes all objects for the longest name, the longest labels and any sign in arguments', async () => {
    const { kube } = management;
    const shell = '--discovery-srv-name=$(id); `id` "a\' && b';
    const labels = { [`${'d.'.repeat(20)}io/${'k'.repeat(63)}`]: 'v'.repeat(63), app: 'mine', component: 'mine' };
    const spec = { version: 'v1.34.4+k0s.0', externalAddress: '192.0.2.1', service: { type: 'ClusterIP' } };
    const planes = [
      { name: 'e'.repeat(63), storage: { type: 'etcd', etcd: { args: [shell] } }, flags: [] },
      // Without an etcd that has to be there first.
      { name: 'k'.repeat(63), storage: { type: 'kine' }, flags: [shell] },
    ];
    for (const { name, storage, flags } of planes) {
      const body = { metadata: { namespace, name, labels }, spec: { ...spec, storage, controlPlaneFlags: flags } };
      await kube.create(K0smotronCluster, body as never, { fieldManager: 'test' });
    }
    const sets = await eventually(
      async () => {
        const made = await kube.list(StatefulSet, { namespace, labelSelector: `${hostedSelector},cluster!=hosted` });
        expect(made).toHaveLength(2);
        return made;
      },
      { timeoutMs, what: 'StatefulSets of both' },
    );
    const commands = sets.map(({ spec: made }) => {
      const { template } = made as unknown as { template: { spec: { containers: { command: string[] }[] } } };
      return template.spec.containers[0]?.command;
    });
    expect(commands.filter((command) => command?.includes(shell))).toHaveLength(2);
    for (const { name } of planes) await kube.remove(K0smotronCluster, { namespace, name });
    await eventually(
      async () => {
        const left = [
          ...(await kube.list(K0smotronCluster, { namespace })),
          ...(await kube.list(StatefulSet, { namespace })),
        ];
        expect(left.map(({ metadata }) => metadata.name).filter((name) => !name.includes('hosted'))).toEqual([]);
      },
      { timeoutMs, what: 'both to be gone' },
    );
  }, 180_000);

  it('is not asked for a token before its API can be reached, and says so', async () => {
    const { kube } = management;
    const metadata = { namespace, name: 'token' };
    const spec = { clusterName: key.name, expiry: '1h' };
    await kube.create(JoinTokenRequest, { metadata, spec } as never, { fieldManager: 'test' });
    await kube.create(
      JoinTokenRequest,
      { metadata: { ...metadata, name: 'none' }, spec: { ...spec, clusterName: 'none' } } as never,
      { fieldManager: 'test' },
    );
    await eventually(
      async () => {
        const { status } = (await kube.get(JoinTokenRequest, { namespace, name: 'none' })) ?? {};
        expect(status?.conditions).toMatchObject([
          { type: 'JoinTokenSecretCreated', status: 'False', reason: 'WaitingForCluster' },
          { type: 'Paused', status: 'False' },
        ]);
      },
      { timeoutMs, what: 'the condition of a request for a Cluster that is not there' },
    );
    for (const name of ['none', 'token']) await kube.remove(JoinTokenRequest, { namespace, name });
  }, 90_000);

  it('goes and leaves nothing', async () => {
    const { kube } = management;
    await kube.remove(K0smotronCluster, key);
    await eventually(
      async () => {
        const rest = await Promise.all([
          kube.list(K0smotronCluster, { namespace }),
          kube.list(Pod, { namespace }),
          kube.list(Secret, { namespace }),
        ]);
        expect([...(await generated()).keys()]).toEqual([]);
        expect(rest.flat().map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([]);
      },
      { timeoutMs, what: 'nothing to be left' },
    );
  }, 90_000);

  it('serves the kinds of Cluster API once they are installed, without a restart', async () => {
    const { kube, service } = management;
    await installClusterApi(kube);
    const name = 'late';
    const paused = { metadata: { namespace, name }, spec: { paused: true } };
    const owner = await kube.create(Cluster, paused, { fieldManager: 'test' });
    const { uid } = owner.metadata;
    const ownerReferences = [{ apiVersion: apiVersionOf(Cluster), kind: Cluster.kind, name, uid }];
    const metadata = { namespace, name, ownerReferences, labels: { 'cluster.x-k8s.io/cluster-name': name } };
    const spec = { version: 'v1.34.4+k0s.0', replicas: 1 };
    for (const kind of [K0smotronControlPlane, K0sControlPlane] as const) {
      await kube.create<KubeObject>(kind, { metadata, spec } as never, { fieldManager: 'test' });
      await eventually(
        async () => {
          const { status } = (await kube.get<K0smotronControlPlane | K0sControlPlane>(kind, { namespace, name })) ?? {};
          expect(status?.conditions).toMatchObject([{ type: 'Paused', status: 'True' }]);
        },
        { timeoutMs, what: `a pause seen of ${kind.kind}` },
      );
    }
    expect(service.running()).toBe(true);
  }, 120_000);

  /** What the StatefulSet's controller and a kubelet would do; a pod without a node is deleted at once. */
  async function runMemberPod(): Promise<void> {
    const { kube } = management;
    const set = await kube.get(StatefulSet, { namespace, name: 'kmc-hosted-etcd' });
    const { uid, name } = set?.metadata ?? { uid: '', name: '' };
    const pod = { namespace, name: 'kmc-hosted-etcd-0' };
    const metadata = {
      ...pod,
      labels: { app: 'k0smotron', cluster: 'hosted', component: 'etcd' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid, controller: true }],
    };
    const spec = { containers: [{ name: 'etcd', image: 'etcd' }], schedulerName: 'nobody' };
    await kube.create(Pod, { metadata, spec }, { fieldManager: 'test' });
    const status = { podIP: address, podIPs: [{ ip: address }], conditions: [{ type: 'Ready', status: 'True' }] };
    await kube.patch(Pod, pod, { type: 'merge', body: { status } }, { subresource: 'status' });
  }
});

const versionsOf = (objects: ReadonlyMap<string, KubeObject>): ReadonlyMap<string, string> =>
  new Map([...objects].map(([name, { metadata }]) => [name, metadata.resourceVersion]));
