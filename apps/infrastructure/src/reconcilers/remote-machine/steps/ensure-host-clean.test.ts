import { describe, expect, it } from '@jest/globals';
import { annotations, RemoteMachine } from '@k0smotron/api';
import { aPooledHost, aRemoteMachine, aSecret, never, stepTest } from '../../../../testing/step-scope.ts';
import { ensureHostClean } from './ensure-host-clean.ts';

const plan = aSecret('one-clean-up', {
  record: JSON.stringify({
    version: 1,
    journal: 'uid-1',
    role: 'foreign',
    k0sDownloaded: false,
    files: [],
    appended: [],
  }),
});
const sshKey = aSecret('key', { value: 'private' });
const outcome = 'k0smotron.io/clean-up-outcome';
const provisioned = { providerID: 'remote-machine://192.0.2.1:22' };
const unreachable = { reason: 'HostUnreachable', message: 'no answer' };
const failingSince = (failingSinceMs: number) =>
  ({ 'clean-up': { kind: 'failed', failure: unreachable, retryAtMs: 0, failingSinceMs } }) as const;

const outcomeOf = async (test: ReturnType<typeof stepTest>): Promise<string | undefined> =>
  (await test.kube.get(RemoteMachine, test.run.key))?.metadata.annotations?.[outcome];

describe('ensure host clean', () => {
  it('does nothing to a host that nothing was ever done to', async () => {
    const test = stepTest(aRemoteMachine({ deleting: true }), { objects: [sshKey] });
    expect(await ensureHostClean.run(test.scope, never)).toEqual({ kind: 'done' });
    expect(test.work.started).toEqual([]);
  });

  it('records that the host is clean before it goes on', async () => {
    const test = stepTest(aRemoteMachine({ deleting: true, spec: provisioned }), {
      objects: [plan, sshKey],
      ends: { 'clean-up': { kind: 'succeeded' } },
    });
    expect(await ensureHostClean.run(test.scope, never)).toEqual({ kind: 'done' });
    expect(await outcomeOf(test)).toBe('Clean');
  });

  it('never cleans twice: by then the host may be of somebody else', async () => {
    const remote = aRemoteMachine({ deleting: true, spec: provisioned, annotations: { [outcome]: 'Clean' } });
    const test = stepTest(remote, { objects: [plan, sshKey] });
    expect(await ensureHostClean.run(test.scope, never)).toEqual({ kind: 'done' });
    expect(test.work.started).toEqual([]);
    expect(test.scope.found.leftDirty).toBeUndefined();
  });

  it('never touches a host of the pool that it does not hold any more', async () => {
    const remote = aRemoteMachine({
      deleting: true,
      spec: { ...provisioned, pool: 'default' },
      annotations: { [annotations.pooledMachine]: 'host' },
    });
    const host = aPooledHost('host', { [annotations.reservedBy]: 'another' });
    const test = stepTest(remote, { objects: [plan, sshKey, host] });
    expect(await ensureHostClean.run(test.scope, never)).toEqual({ kind: 'done' });
    expect(test.work.started).toEqual([]);
  });

  it('shows why it fails and the way out, and tries again', async () => {
    const test = stepTest(aRemoteMachine({ deleting: true, spec: provisioned }), {
      objects: [plan, sshKey],
      ends: failingSince(0),
    });
    expect((await ensureHostClean.run(test.scope, never)).kind).toBe('again');
    expect(test.run.conditions.get('CleanUpSucceeded')).toMatchObject({
      status: 'False',
      reason: 'HostUnreachable',
      message: `no answer. To delete without clean-up, set the annotation ${annotations.forceDelete}`,
    });
    expect(await outcomeOf(test)).toBeUndefined();
  });

  it('has patience of its own, whatever time others say it was asked at', async () => {
    const remote = aRemoteMachine({ deleting: true, spec: provisioned });
    const test = stepTest(
      { ...remote, metadata: { ...remote.metadata, deletionTimestamp: '2025-12-31T22:59:00Z' } } as typeof remote,
      { objects: [plan, sshKey], ends: failingSince(0) },
    );
    expect((await ensureHostClean.run(test.scope, never)).kind).toBe('again');
    expect(await outcomeOf(test)).toBeUndefined();
  });

  it('gives up after ten minutes, and says that the host is dirty', async () => {
    const remote = aRemoteMachine({ deleting: true, spec: provisioned });
    const test = stepTest(remote, { objects: [plan, sshKey], ends: failingSince(-11 * 60_000) });
    expect(await ensureHostClean.run(test.scope, never)).toEqual({ kind: 'done' });
    expect(await outcomeOf(test)).toBe('Dirty: no answer');
    expect(test.scope.found.leftDirty).toBe('no answer');
    expect(test.run.events).toContainEqual(expect.objectContaining({ reason: 'HostLeftDirty' }));
  });

  it('does not wait for a key that is gone, or a plan that is lost', async () => {
    const withoutKey = stepTest(aRemoteMachine({ deleting: true, spec: provisioned }), { objects: [plan] });
    expect(await ensureHostClean.run(withoutKey.scope, never)).toEqual({ kind: 'done' });
    expect(withoutKey.scope.found.leftDirty).toBe('the SSH key Secret key is gone');
    const withoutPlan = stepTest(aRemoteMachine({ deleting: true, spec: provisioned }), { objects: [sshKey] });
    expect(await ensureHostClean.run(withoutPlan.scope, never)).toEqual({ kind: 'done' });
    expect(withoutPlan.scope.found.leftDirty).toBe('its clean-up plan is gone');
  });

  it('leaves the host as it is when the user says so', async () => {
    const remote = aRemoteMachine({
      deleting: true,
      spec: provisioned,
      annotations: { [annotations.forceDelete]: '' },
    });
    const test = stepTest(remote, { objects: [plan, sshKey] });
    expect(await ensureHostClean.run(test.scope, never)).toEqual({ kind: 'done' });
    expect(test.work.started).toEqual([]);
    expect(await outcomeOf(test)).toMatch(/^Dirty: clean-up was skipped/);
  });
});
