import { expect, it } from '@jest/globals';
import { finalizers, type K0sWorkerConfig } from '@k0smotron/api';
import { recordedAudit } from '@k0smotron/audit/testing';
import { nullBus } from '@k0smotron/bus';
import { fakeCaches, fakeRun } from '@k0smotron/runtime/testing';
import { noSignal } from '../../testing/a-world.ts';
import { TokenMemory } from '../tokens/token-memory.ts';
import { reconcileConfig } from './bootstrap-steps.ts';
import { scopeOf } from './scope.ts';

it('knows the Cluster of a config whose Machine is gone, so that a pause holds its deletion too', async () => {
  const metadata = {
    namespace: 'ns',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  const cluster = {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Cluster',
    metadata: { ...metadata, name: 'c' },
    spec: { paused: true },
  };
  const config = {
    apiVersion: 'bootstrap.cluster.x-k8s.io/v1beta2',
    kind: 'K0sWorkerConfig',
    metadata: {
      ...metadata,
      name: 'w',
      labels: { 'cluster.x-k8s.io/cluster-name': 'c' },
      finalizers: [finalizers.joinToken],
      deletionTimestamp: '2026-01-02T00:00:00Z',
    },
    spec: {},
  } as unknown as K0sWorkerConfig;
  const machine = { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Machine', metadata: { ...metadata, name: 'other' } };
  const run = fakeRun(config, { caches: fakeCaches([cluster, machine]) });
  const dependencies = {
    workloads: {} as never,
    bus: nullBus,
    audit: recordedAudit([]),
    tokens: new TokenMemory(),
    owned: new Set<string>(),
  };
  const scope = scopeOf(run, 'worker', dependencies);
  expect((await reconcileConfig(scope, () => Promise.reject(new Error('no data is made')), noSignal)).kind).toBe(
    'waiting',
  );
  expect(run.conditions.get('Paused')).toMatchObject({ status: 'True' });
  expect(run.finalizers.has(finalizers.joinToken)).toBe(true);
});
