import { describe, expect, it } from '@jest/globals';
import { annotations, finalizers, labels, PooledRemoteMachine, Secret } from '@k0smotron/api';
import { fakeKube } from '@k0smotron/kube/testing';
import { fakeRun } from '@k0smotron/runtime/testing';
import { aPooledHost, aSecret, never } from '../../../testing/step-scope.ts';
import { reconcilePooledRemoteMachine } from './reconcile.ts';

function setUp(notes: Readonly<Record<string, string>>, over: Readonly<Record<string, unknown>> = {}) {
  const kube = fakeKube();
  const host = aPooledHost('host', notes);
  const stored = kube.seed<PooledRemoteMachine>({ ...host, ...over });
  kube.seed(aSecret('key', { value: 'private' }));
  return { kube, run: fakeRun(stored, { kube }) };
}

describe('a PooledRemoteMachine', () => {
  it('shows who holds it, and may not vanish meanwhile', async () => {
    const { run } = setUp({ [annotations.reservedBy]: 'one' });
    expect(await reconcilePooledRemoteMachine(run, never)).toEqual({ kind: 'done' });
    expect(run.status).toEqual({ reserved: true, machineRef: { name: 'one', namespace: 'default' } });
    expect(run.conditions.get('Available')).toMatchObject({ status: 'False', reason: 'Reserved' });
    expect([...run.finalizers]).toEqual([finalizers.pooledRemoteMachine]);
  });

  it('that is free again names nobody', async () => {
    const before = { status: { reserved: true, machineRef: { name: 'one', namespace: 'default' } } };
    const { run } = setUp({}, before);
    await reconcilePooledRemoteMachine(run, never);
    expect(run.status).toEqual({ reserved: false });
    expect(run.conditions.get('Available')).toMatchObject({ status: 'True', reason: 'Free' });
  });

  it('that is paused is left alone, and says so', async () => {
    const { run, kube } = setUp({ 'cluster.x-k8s.io/paused': 'false' });
    await reconcilePooledRemoteMachine(run, never);
    expect([...run.conditions.keys()]).toEqual(['Paused']);
    expect([run.finalizers.size, kube.calls]).toEqual([0, []]);
  });

  it('says why it is dirty and what to do', async () => {
    const { run } = setUp({ [annotations.dirty]: 'one: no answer' });
    await reconcilePooledRemoteMachine(run, never);
    expect(run.conditions.get('Available')?.message).toBe(
      `one: no answer. Clean the host and remove the annotation ${annotations.dirty}`,
    );
  });

  it('moves with its SSH Secret to another management cluster', async () => {
    const { run, kube } = setUp({});
    await reconcilePooledRemoteMachine(run, never);
    for (const [kind, name] of [[PooledRemoteMachine, 'host'] as const, [Secret, 'key'] as const]) {
      const object = await kube.get<PooledRemoteMachine | Secret>(kind, { namespace: 'default', name });
      expect(object?.metadata.labels).toHaveProperty([labels.move]);
    }
  });
});
