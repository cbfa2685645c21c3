import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

import { openLab, startClusterApi, startControlPlane, startNats, waitUntil } from '../src/index.ts';
import type { ControlPlane, Lab } from '../src/index.ts';

/** Stands for an infrastructure provider: core asks for the contract label of the kind that a Cluster refers to. */
const infrastructureKind = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'paperclusters.example.org', labels: { 'cluster.x-k8s.io/v1beta2': 'v1' } },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { kind: 'PaperCluster', plural: 'paperclusters' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

const cluster = {
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: { name: 'blue', namespace: 'default' },
  spec: {
    clusterNetwork: { serviceDomain: 'cluster.local' },
    infrastructureRef: { apiGroup: 'example.org', kind: 'PaperCluster', name: 'blue' },
  },
};

describe('a lab', () => {
  let lab: Lab;
  let controlPlane: ControlPlane;

  beforeAll(async () => {
    lab = await openLab();
    controlPlane = await startControlPlane(lab, { controllerManager: true });
  });
  afterAll(() => lab.close());

  it('serves the Kubernetes API as administrator', async () => {
    expect(await controlPlane.kubectl('get', 'namespace', 'default', '-o', 'name')).toBe('namespace/default\n');
    expect(await controlPlane.kubectl('auth', 'can-i', '*', '*')).toBe('yes\n');
  });

  it('keeps its objects over a restart of the API server', async () => {
    await controlPlane.kubectl('create', 'configmap', 'kept', '--from-literal=a=b');
    await controlPlane.restart();
    expect(await controlPlane.kubectl('get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}')).toBe('b');
  });

  it('collects what an owner leaves behind', async () => {
    await controlPlane.kubectl('create', 'configmap', 'owner');
    const uid = await controlPlane.kubectl('get', 'configmap', 'owner', '-o', 'jsonpath={.metadata.uid}');
    await controlPlane.kubectl('create', 'configmap', 'owned');
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
    await controlPlane.kubectl('patch', 'configmap', 'owned', '-p', JSON.stringify({ metadata: { ownerReferences } }));
    await controlPlane.kubectl('delete', 'configmap', 'owner');
    await waitUntil(
      async () => (await controlPlane.kubectl('get', 'configmap', 'owned', '--ignore-not-found')) === '',
      {
        what: 'the owned object to go',
      },
    );
  });

  it('stores JetStream messages over a restart of NATS', async () => {
    const nats = await startNats(lab);
    const first = await connect({ servers: nats.url });
    await (await jetstreamManager(first)).streams.add({ name: 'facts', subjects: ['facts.>'] });
    expect(await jetstream(first).publish('facts.one', 'x', { msgID: '1' })).toMatchObject({
      seq: 1,
      duplicate: false,
    });
    expect(await jetstream(first).publish('facts.one', 'x', { msgID: '1' })).toMatchObject({ seq: 1, duplicate: true });
    await first.close();

    await nats.stop();
    await nats.start();
    const second = await connect({ servers: nats.url });
    const { state } = await (await jetstreamManager(second)).streams.info('facts');
    await second.close();
    expect(state.messages).toBe(1);
  });

  it('runs Cluster API core, which takes up a Cluster, converts it and refuses a wrong one', async () => {
    const clusterApi = await startClusterApi(lab, controlPlane, { featureGates: { ClusterTopology: true } });
    for (const one of [infrastructureKind, cluster]) {
      writeFileSync(join(lab.dir, 'object.json'), JSON.stringify(one));
      await controlPlane.kubectl('create', '-f', join(lab.dir, 'object.json'));
    }
    const finalizers = () => controlPlane.kubectl('get', 'cluster', 'blue', '-o', 'jsonpath={.metadata.finalizers}');
    await waitUntil(async () => (await finalizers()) !== '', { what: 'Cluster API core to look at the Cluster' });
    const old = await controlPlane.kubectl('get', 'clusters.v1beta1.cluster.x-k8s.io', 'blue', '-o', 'json');
    expect(JSON.parse(old)).toMatchObject({ spec: { infrastructureRef: { apiVersion: 'example.org/v1' } } });
    const wrong = JSON.stringify({ spec: { clusterNetwork: { pods: { cidrBlocks: ['nonsense'] } } } });
    await expect(controlPlane.kubectl('patch', 'cluster', 'blue', '--type=merge', '-p', wrong)).rejects.toThrow(
      /nonsense/,
    );
    await clusterApi.stop();
  });

  it('stands beside another lab, and goes alone', async () => {
    const other = await openLab();
    const second = await startControlPlane(other);
    expect(second.url).not.toBe(controlPlane.url);
    await second.kubectl('create', 'configmap', 'here');
    expect(await controlPlane.kubectl('get', 'configmap', 'here', '--ignore-not-found')).toBe('');
    await other.close();
    expect(existsSync(other.dir)).toBe(false);
    expect(await controlPlane.kubectl('get', 'namespace', 'default', '-o', 'name')).toBe('namespace/default\n');
  });
});
