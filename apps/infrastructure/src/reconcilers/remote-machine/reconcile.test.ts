import { describe, expect, it } from '@jest/globals';
import { annotations, RemoteMachine, Secret } from '@k0smotron/api';
import type { SeedObject } from '@k0smotron/kube/testing';
import { aRemoteMachine, aSecret, never, stepTest } from '../../../testing/step-scope.ts';
import type { HostReport } from '../../hosts/host-work.ts';
import { reconcileRemoteMachine } from './reconcile.ts';

const cluster = {
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: { name: 'c', namespace: 'default' },
  spec: {},
  status: { initialization: { infrastructureProvisioned: true } },
} as SeedObject;
const machine = {
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Machine',
  metadata: { name: 'one', namespace: 'default', uid: 'machine' },
  spec: { clusterName: 'c', bootstrap: { dataSecretName: 'data' }, infrastructureRef: {} },
} as SeedObject;
const ownerReferences = [{ apiVersion: machine.apiVersion, kind: 'Machine', name: 'one', uid: 'machine' }];
const surroundings = [
  cluster,
  machine,
  aSecret('key', { value: 'private' }),
  aSecret('data', { value: '#!/bin/sh\n' }),
];

function withMetadata(metadata: Readonly<Record<string, unknown>>): SeedObject {
  const remote = aRemoteMachine({});
  return { ...remote, metadata: { ...remote.metadata, ...metadata } };
}

async function reconciled(remote: SeedObject, ends: Readonly<Record<string, HostReport>> = {}, objects = surroundings) {
  const test = stepTest(remote, { objects, ends });
  const outcome = await reconcileRemoteMachine(test.run, test.scope, never);
  return { ...test, outcome, said: [...test.run.conditions.keys()].sort() };
}

const specOf = (object: SeedObject) => (object as { spec?: object }).spec;

describe('a RemoteMachine', () => {
  const connecting = (sinceMs: number): HostReport => ({ kind: 'running', doing: 'connecting', sinceMs });

  it('says nothing of work that began a moment ago, since each write wakes core', async () => {
    const { outcome, said } = await reconciled(withMetadata({ ownerReferences }), { reach: connecting(0) });
    expect([outcome.kind, said]).toEqual(['waiting', []]);
  });

  it('says all that it knows once the work takes longer', async () => {
    const { said, run } = await reconciled(withMetadata({ ownerReferences }), { reach: connecting(-1000) });
    expect(said).toEqual(['HostReachable', 'Paused', 'Ready']);
    expect(run.conditions.get('Ready')?.message).toBe('Connecting to 192.0.2.1');
  });

  it.each([
    { ageMs: 0, outcome: 'again', said: [] },
    { ageMs: 3000, outcome: 'waiting', said: ['Ready'] },
    { ageMs: -3_600_000, outcome: 'waiting', said: ['Ready'] }, // by a clock that is an hour behind
  ])('that is $ageMs ms old and has no Machine says $said', async ({ ageMs, outcome, said }) => {
    const { scope, run } = stepTest(aRemoteMachine({}));
    const clock = { ...run.clock, now: () => new Date(run.clock.now().getTime() + ageMs) };
    const { kind } = await reconcileRemoteMachine({ ...run, clock }, scope, never);
    expect([kind, [...run.conditions.keys()]]).toEqual([outcome, said]);
  });

  it('writes its provider id first and leaves the status to the run that this wakes', async () => {
    const ends = { reach: { kind: 'succeeded' }, bootstrap: { kind: 'succeeded' } } as const;
    const { kube, run, said } = await reconciled(withMetadata({ ownerReferences }), ends);
    const stored = await kube.get(RemoteMachine, run.key);
    expect(stored?.spec.providerID).toBe('remote-machine://192.0.2.1:22');
    expect([said, run.status['initialization']]).toEqual([[], undefined]);
    const next = await reconciled(stored as unknown as SeedObject, ends);
    expect(next.run.status['initialization']).toEqual({ provisioned: true });
    expect(next.run.conditions.get('Ready')).toMatchObject({ status: 'True' });
  });

  it.each([
    ['by its own annotation', { annotations: { 'cluster.x-k8s.io/paused': '' } }, surroundings],
    ['by its Cluster', {}, [{ ...cluster, spec: { paused: true } } as SeedObject, machine]],
    [
      'by its Cluster, and whose Machine is gone',
      {
        ownerReferences: [],
        labels: { 'cluster.x-k8s.io/cluster-name': 'c' },
        deletionTimestamp: '2026-01-01T00:00:00Z',
      },
      [{ ...cluster, spec: { paused: true } } as SeedObject],
    ],
  ])('that is paused %s says only that', async (_, metadata, objects) => {
    const { said, kube } = await reconciled(withMetadata({ ownerReferences, ...metadata }), {}, objects);
    expect(said).toEqual(['Paused']);
    expect(kube.calls.filter(({ verb }) => verb !== 'get')).toEqual([]);
  });
});

describe('the clean-up plan of a machine that is provisioned', () => {
  const plan = {
    ...aSecret('one-clean-up', { record: '{}' }),
    type: 'infrastructure.k0smotron.io/clean-up',
  } as SeedObject;
  const provisioned = {
    ...withMetadata({ ownerReferences }),
    spec: { ...specOf(aRemoteMachine({})), providerID: 'x://1' },
  };
  const key = { namespace: 'default', name: 'one-clean-up' };

  it('gets its owner back, once for each process and pause (OR-2)', async () => {
    const { kube, run, scope } = stepTest(provisioned, { objects: [...surroundings, plan] });
    const { uid } = run.object.metadata;
    const owners = async () => (await kube.get(Secret, key))?.metadata.ownerReferences;
    const lose = () => kube.patch(Secret, key, { type: 'merge', body: { metadata: { ownerReferences: null } } });
    await reconcileRemoteMachine(run, scope, never);
    expect(await owners()).toMatchObject([{ kind: 'RemoteMachine', uid, controller: true }]);

    await lose();
    await reconcileRemoteMachine(run, scope, never);
    expect(await owners()).toBeUndefined(); // a settled machine costs no requests

    const paused = { ...run.object, metadata: { ...run.object.metadata, annotations: { [annotations.paused]: '' } } };
    await reconcileRemoteMachine({ ...run, object: paused }, scope, never);
    await reconcileRemoteMachine(run, scope, never);
    expect(await owners()).toMatchObject([{ uid }]);
  });
});
