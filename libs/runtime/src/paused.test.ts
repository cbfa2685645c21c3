import { describe, expect, it } from '@jest/globals';
import { fakeRun } from '../testing/index.ts';
import { observePaused } from './paused.ts';

const meta = { name: 'a', namespace: 'ns', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const cluster = (paused?: boolean) => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: meta,
  spec: { paused },
});
const toy = (annotations = {}, status = {}) => ({
  apiVersion: 'toys.test/v1',
  kind: 'Toy',
  metadata: { ...meta, annotations },
  status,
});
const wasPaused = { conditions: [{ type: 'Paused', status: 'True' }] };

describe('observePaused', () => {
  it.each([
    ['nothing is paused', toy(), cluster(false), 'done', 'False', ''],
    ['there is no cluster yet', toy(), undefined, 'done', 'False', ''],
    ['the cluster is paused', toy(), cluster(true), 'waiting', 'True', 'Cluster spec.paused is set to true'],
    [
      'the annotation says "false"',
      toy({ 'cluster.x-k8s.io/paused': 'false' }),
      cluster(),
      'waiting',
      'True',
      'Toy has the cluster.x-k8s.io/paused annotation',
    ],
    [
      'both',
      toy({ 'cluster.x-k8s.io/paused': '' }),
      cluster(true),
      'waiting',
      'True',
      'Cluster spec.paused is set to true, Toy has the cluster.x-k8s.io/paused annotation',
    ],
    ['the pause has just ended', toy({}, wasPaused), cluster(), 'again', 'False', ''],
  ])('when %s', (_, object, owner, outcome, status, message) => {
    const run = fakeRun(object);
    expect(observePaused(run, owner).kind).toBe(outcome);
    expect(run.conditions.get('Paused')).toMatchObject({ status, message });
  });
});
