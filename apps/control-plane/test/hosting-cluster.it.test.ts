import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { K0smotronCluster, Node, Secret } from '@k0smotron/api';
import type { KubeObject } from '@k0smotron/core';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import { startFakeKubelet, type FakeKubelet } from '@k0smotron/kube/testing';
import { startControlPlane } from '@k0smotron/lab';
import { selfSigned } from '@k0smotron/runtime/testing';
import { eventually, startFaultProxy, type FaultProxy } from '@k0smotron/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedKinds, PersistentVolumeClaim, Pod, StatefulSet } from '../src/hosted/kinds.ts';
import { startManagementCluster, type ManagementCluster } from './management-cluster.ts';
import { startMember } from './member-on-loopback.ts';

const namespace = 'default';
const key = { namespace, name: 'away' };
const address = '127.0.78.1';
const timeoutMs = 120_000;
const node = 'worker-of-the-hosting-cluster';

describe('a hosted Cluster whose pods run in another cluster', () => {
  let management: ManagementCluster;
  let there: KubeClient;
  let proxy: FaultProxy;
  let kubelet: FakeKubelet;

  beforeAll(async () => {
    management = await startManagementCluster();
    const { lab, kube } = management;
    const hosting = await startControlPlane(lab, { controllerManager: true });
    there = connectKube(await loadKubeConfig({ path: hosting.kubeconfigPath }));
    const { hostname: host, port } = new URL(hosting.url);
    proxy = await startFaultProxy({ host, port: Number(port) });
    const kubeconfig = (await readFile(hosting.kubeconfigPath, 'utf8')).replace(
      hosting.url,
      `https://127.0.0.1:${proxy.port}`,
    );
    const data = { value: Buffer.from(kubeconfig).toString('base64') };
    await kube.create(Secret, { metadata: { namespace, name: 'hosting' }, data }, { fieldManager: 'test' });
    kubelet = await startFakeKubelet({
      tls: selfSigned(),
      dial: (_path, memberPort) => Promise.resolve(connect({ host: address, port: memberPort })),
    });
  }, 180_000);
  afterAll(async () => {
    await there?.close();
    await proxy?.close();
    await management?.close();
    await kubelet?.close();
  });

  const conditionOf = async (type: string): Promise<string> => {
    const { status } = (await management.kube.get(K0smotronCluster, key)) ?? {};
    const found = status?.conditions?.find((it) => it.type === type);
    return `${found?.status} ${found?.reason} ${found?.message}`;
  };
  const partsIn = async (kube: KubeClient): Promise<readonly string[]> => {
    const kinds = [...generatedKinds, Secret, Pod, PersistentVolumeClaim];
    const lists = await Promise.all(kinds.map((kind) => kube.list<KubeObject>(kind, { namespace })));
    const parts = lists.flat().filter(({ metadata }) => /^(kmc-)?away/.test(metadata.name));
    return parts.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
  };

  it('makes there what pods need, and keeps at home what is secret', async () => {
    const spec = {
      version: 'v1.34.4+k0s.0',
      externalAddress: '192.0.2.1',
      service: { type: 'ClusterIP' },
      storage: { type: 'etcd', etcd: { autoDeletePVCs: true } },
      remoteHostCluster: { kubeconfigRef: { namespace, name: 'hosting' } },
    };
    await management.kube.create(K0smotronCluster, { metadata: key, spec } as never, { fieldManager: 'test' });
    const copies = ['apiserver-etcd-client', 'ca', 'etcd', 'etcd-peer', 'etcd-server', 'proxy', 'sa'];
    await eventually(
      async () => {
        expect(await conditionOf('HostingClusterReady')).toBe('True Ready ');
        expect(await partsIn(there)).toEqual(
          [
            ...copies.map((type) => `Secret/away-${type}`),
            'ConfigMap/kmc-away-etcd-members',
            'ConfigMap/kmc-away-place',
            'NetworkPolicy/kmc-away-etcd',
            'PodDisruptionBudget/kmc-away-etcd',
            'Service/kmc-away',
            'Service/kmc-away-etcd',
            'StatefulSet/kmc-away-etcd',
          ].sort(),
        );
      },
      { timeoutMs, what: 'all that comes before etcd' },
    );
    expect(await partsIn(management.kube)).toEqual(
      [...copies, 'kubeconfig'].map((type) => `Secret/away-${type}`).sort(),
    );
  }, 180_000);

  it('asks etcd through the API server there, and makes the API servers', async () => {
    const member = { kube: there, lab: management.lab };
    await startMember(member, { cluster: key.name, address });
    await runMemberPod();
    await eventually(
      async () => {
        expect(await conditionOf('EtcdReady')).toBe('True Healthy ');
        expect(await partsIn(there)).toContain('StatefulSet/kmc-away');
      },
      { timeoutMs, what: 'an etcd that answers through the API server' },
    );
    expect(kubelet.asked[0]).toMatch(/^\/portForward\/default\/kmc-away-etcd-0\?/);
  }, 180_000);

  it('loses nothing while the hosting cluster does not answer, and goes on when it does', async () => {
    const before = await partsIn(there);
    proxy.inject({ kind: 'refuse' });
    proxy.cutAll();
    const body = { spec: { replicas: 2 } };
    await management.kube.patch(K0smotronCluster, key, { type: 'merge', body });
    await eventually(async () => expect(await conditionOf('HostingClusterReady')).toMatch(/^False Unreachable /), {
      timeoutMs,
      what: 'the condition of a cluster that does not answer',
    });
    expect(await partsIn(there)).toEqual(before);
    proxy.heal();
    await eventually(
      async () => {
        expect(await conditionOf('HostingClusterReady')).toBe('True Ready ');
        const set = await there.get(StatefulSet, { namespace, name: 'kmc-away' });
        expect(set?.spec?.replicas).toBe(2);
      },
      { timeoutMs, what: 'the change to arrive' },
    );
  }, 300_000);

  it('goes and leaves nothing, here or there', async () => {
    await management.kube.remove(K0smotronCluster, key);
    await eventually(
      async () => {
        expect(await management.kube.get(K0smotronCluster, key)).toBeUndefined();
        expect(await partsIn(there)).toEqual([]);
        expect(await partsIn(management.kube)).toEqual([]);
      },
      { timeoutMs, what: 'nothing to be left' },
    );
  }, 180_000);

  /** What the StatefulSet's controller, the scheduler and a kubelet would do. Without a grace a pod is deleted at once. */
  async function runMemberPod(): Promise<void> {
    await there.create(Node, { metadata: { name: node } } as never, { fieldManager: 'test' });
    const nodeStatus = {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } },
    };
    await there.patch(Node, { name: node }, { type: 'merge', body: { status: nodeStatus } }, { subresource: 'status' });
    const set = await there.get(StatefulSet, { namespace, name: 'kmc-away-etcd' });
    const { uid, name } = set?.metadata ?? { uid: '', name: '' };
    const pod = { namespace, name: 'kmc-away-etcd-0' };
    const metadata = {
      ...pod,
      labels: { app: 'k0smotron', cluster: key.name, component: 'etcd' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid, controller: true }],
    };
    const spec = { containers: [{ name: 'etcd', image: 'etcd' }], nodeName: node, terminationGracePeriodSeconds: 0 };
    await there.create(Pod, { metadata, spec }, { fieldManager: 'test' });
    // An address that leads nowhere from here.
    const podIP = '198.51.100.7';
    const status = { podIP, podIPs: [{ ip: podIP }], conditions: [{ type: 'Ready', status: 'True' }] };
    await there.patch(Pod, pod, { type: 'merge', body: { status } }, { subresource: 'status' });
  }
});
