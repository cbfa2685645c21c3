import { describe, expect, it } from '@jest/globals';
import { annotations, finalizers, PooledRemoteMachine, RemoteMachine, Secret } from '@k0smotron/api';
import { sshKeyFinalizer } from '../../../names.ts';
import { aPooledHost, aRemoteMachine, aSecret, never, stepTest } from '../../../../testing/step-scope.ts';
import { recordedAudit, refusingAudit } from '@k0smotron/audit/testing';
import { nullBus, type Bus } from '@k0smotron/bus';
import type { Fact } from '@k0smotron/events';
import { ensureHostReached } from './ensure-host-reached.ts';
import { ensureHostReleased } from './ensure-host-released.ts';
import { ensureHostReserved } from './ensure-host-reserved.ts';
import { failed } from './failed.ts';
import { observeSupport } from './observe-support.ts';

const pooled = { pool: 'default', address: undefined, sshKeyRef: undefined };
const inDefault = (name: string) => ({ namespace: 'default', name });

describe('ensure host reserved', () => {
  it('takes a host by a note on the host and writes its connection into the machine', async () => {
    const test = stepTest(aRemoteMachine({ spec: pooled }), { objects: [aPooledHost('host')] });
    expect((await ensureHostReserved.run(test.scope, never)).kind).toBe('waiting');
    const host = await test.kube.get(PooledRemoteMachine, inDefault('host'));
    expect(host?.metadata.annotations?.[annotations.reservedBy]).toBe('one');
    const remote = await test.kube.get(RemoteMachine, inDefault('one'));
    expect(remote?.spec).toMatchObject({ address: '192.0.2.7', sshKeyRef: { name: 'key' } });
    expect(remote?.metadata.annotations?.[annotations.pooledMachine]).toBe('host');
  });

  it('loses a race without harm and looks again', async () => {
    const test = stepTest(aRemoteMachine({ spec: pooled }), { objects: [aPooledHost('host')] });
    // Somebody else was faster than our caches.
    const body = { metadata: { annotations: { [annotations.reservedBy]: 'faster' } } };
    await test.kube.patch(PooledRemoteMachine, inDefault('host'), { type: 'merge', body });
    expect((await ensureHostReserved.run(test.scope, never)).kind).toBe('again');
    const host = await test.kube.get(PooledRemoteMachine, inDefault('host'));
    expect(host?.metadata.annotations?.[annotations.reservedBy]).toBe('faster');
  });

  it('does not go on with a host whose reservation was lost to another machine', async () => {
    const remote = aRemoteMachine({ spec: { pool: 'default' }, annotations: { [annotations.pooledMachine]: 'host' } });
    const host = aPooledHost('host', { [annotations.reservedBy]: 'another' });
    const test = stepTest(remote, { objects: [host] });
    expect((await ensureHostReserved.run(test.scope, never)).kind).toBe('waiting');
    expect(test.run.conditions.get('HostReserved')).toMatchObject({ status: 'False', reason: 'ReservationLost' });
  });

  it('tells of its reservation again, since who told it first may have died before', async () => {
    const remote = aRemoteMachine({ spec: { pool: 'default' }, annotations: { [annotations.pooledMachine]: 'host' } });
    const test = stepTest(remote, { objects: [aPooledHost('host', { [annotations.reservedBy]: 'one' })] });
    const told: Fact[] = [];
    const bus: Bus = { ...nullBus, publish: (fact) => Promise.resolve((told.push(fact), 'stored')) };
    expect(await ensureHostReserved.run({ ...test.scope, bus }, never)).toEqual({ kind: 'done' });
    expect(told.map(({ data }) => data.fact)).toEqual(['reserved']);
  });

  it('says which fields are missing', async () => {
    const test = stepTest(aRemoteMachine({ spec: { address: undefined } }));
    await ensureHostReserved.run(test.scope, never);
    expect(test.scope.found.problem).toBe('Set spec.address, or spec.pool to take a host from a pool');
  });
});

describe('ensure host reached', () => {
  it('says so once the bootstrap has ended, whatever was last written down', async () => {
    const test = stepTest(aRemoteMachine({ spec: { providerID: 'remote-machine://192.0.2.1:22' } }));
    expect(await ensureHostReached.run(test.scope, never)).toEqual({ kind: 'done' });
    expect(test.run.conditions.get('HostReachable')).toMatchObject({ status: 'True', reason: 'Reachable' });
  });

  it('holds the SSH key before anything else', async () => {
    const test = stepTest(aRemoteMachine({}), { objects: [aSecret('key', { value: 'private' })] });
    expect((await ensureHostReached.run(test.scope, never)).kind).toBe('waiting');
    const secret = await test.kube.get(Secret, inDefault('key'));
    expect(secret?.metadata.finalizers).toEqual([sshKeyFinalizer('one')]);
    expect(test.run.conditions.get('HostReachable')).toMatchObject({ status: 'Unknown', reason: 'Connecting' });
  });

  it('shows the failure before while it tries again, so that nothing is written when it fails alike', async () => {
    const failure = { reason: 'SudoMissing', message: 'no sudo' };
    const objects = [aSecret('key', { value: 'private' })];
    const trying = stepTest(aRemoteMachine({}), {
      objects,
      ends: { reach: { kind: 'running', doing: 'connecting', sinceMs: 0, lastFailure: failure } },
    });
    await ensureHostReached.run(trying.scope, never);
    const failing = stepTest(aRemoteMachine({}), {
      objects,
      ends: { reach: { kind: 'failed', failure, retryAtMs: 9, failingSinceMs: 0 } },
    });
    await ensureHostReached.run(failing.scope, never);
    expect(trying.run.conditions).toEqual(failing.run.conditions);
    expect(trying.scope.found.problem).toBe(failing.scope.found.problem);
  });
});

describe('ensure host released', () => {
  const held = aPooledHost('host', { [annotations.reservedBy]: 'one' });
  const key = aSecret('key', { value: 'private' }, [sshKeyFinalizer('one'), 'example.com/other']);

  it('gives everything back, the machine last', async () => {
    const test = stepTest(aRemoteMachine({ deleting: true }), { objects: [held, key] });
    expect(await ensureHostReleased.run(test.scope, never)).toEqual({ kind: 'done' });
    const host = await test.kube.get(PooledRemoteMachine, inDefault('host'));
    expect(host?.metadata.annotations).toEqual({});
    expect((await test.kube.get(Secret, inDefault('key')))?.metadata.finalizers).toEqual(['example.com/other']);
    expect([...test.run.finalizers]).toEqual([]);
  });

  it('lets the machine go only once the outbox knows of it: afterwards nobody else does', async () => {
    const test = stepTest(aRemoteMachine({ deleting: true }), { objects: [key] });
    const audit = refusingAudit(new Error('no answer'));
    await expect(ensureHostReleased.run({ ...test.scope, audit }, never)).rejects.toThrow('no answer');
    expect([...test.run.finalizers]).toEqual([finalizers.remoteMachine]);
    const told: Fact[] = [];
    await ensureHostReleased.run({ ...test.scope, audit: recordedAudit(told) }, never);
    expect(told.map(({ data: { fact, details } }) => [fact, details])).toEqual([['released', { clean: true }]]);
    expect([...test.run.finalizers]).toEqual([]);
  });

  it('frees a host that is not clean and marks it in one write', async () => {
    const test = stepTest(aRemoteMachine({ deleting: true }), { objects: [held] });
    test.scope.found.leftDirty = 'no answer';
    await ensureHostReleased.run(test.scope, never);
    expect((await test.kube.get(PooledRemoteMachine, inDefault('host')))?.metadata.annotations).toEqual({
      [annotations.dirty]: 'one: no answer',
    });
    expect(test.kube.calls.filter(({ verb, what }) => verb === 'patch' && what === 'PooledRemoteMachine')).toHaveLength(
      1,
    );
  });
});

describe('failed', () => {
  const report = {
    kind: 'failed',
    failure: { reason: 'HostUnreachable', message: 'no answer' },
    retryAtMs: 0,
    failingSinceMs: 0,
  } as const;
  const since = '2025-12-01T00:00:00Z';
  const stored = {
    type: 'HostReachable',
    status: 'False',
    reason: 'HostUnreachable',
    message: '',
    lastTransitionTime: since,
  };

  it.each([
    { given: 'not stored yet', conditions: [], facts: [] },
    { given: 'stored, with the time since when it is so', conditions: [stored], facts: [since] },
    { given: 'stored for another reason', conditions: [{ ...stored, reason: 'SudoMissing' }], facts: [] },
  ])('publishes a fact once the condition is $given', async ({ conditions, facts }) => {
    const test = stepTest(aRemoteMachine({ status: { conditions } }));
    const published: unknown[] = [];
    const publish: Bus['publish'] = ({ data }) => {
      published.push((data.details as { readonly since: string }).since);
      return Promise.resolve('stored');
    };
    await failed({ ...test.scope, bus: { ...test.scope.bus, publish } }, 'HostReachable', report);
    expect(published).toEqual(facts);
    expect(test.run.conditions.get('HostReachable')).toMatchObject({ status: 'False', message: 'no answer' });
  });
});

describe('observe support', () => {
  it('says that a Job is not supported, and takes it back', async () => {
    const job = stepTest(aRemoteMachine({ spec: { provisionJob: {} } }));
    expect((await observeSupport.run(job.scope, never)).kind).toBe('waiting');
    expect(job.run.conditions.get('NotSupported')).toMatchObject({ status: 'True', reason: 'ProvisionJob' });
    expect(job.scope.found.problem).toMatch(/^spec\.provisionJob is not supported yet/);

    const before = { type: 'NotSupported', status: 'True', reason: 'ProvisionJob', message: '' };
    const changed = stepTest(aRemoteMachine({ status: { conditions: [before] } }));
    expect(await observeSupport.run(changed.scope, never)).toEqual({ kind: 'done' });
    expect(changed.run.conditions.get('NotSupported')).toMatchObject({ status: 'False' });
  });
});
