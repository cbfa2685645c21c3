import { describe, expect, it } from '@jest/globals';
import { annotations, conditionTypes, K0sControlPlane, Machine, reasons } from '@k0smotron/api';
import { refusingAudit } from '@k0smotron/audit/testing';
import { machineName } from '@k0smotron/rollout';
import { settledLookMs } from '../../../hosts/look.ts';
import type { Look } from '../../../hosts/seen.ts';
import { aPlane, noSignal, type Plane } from '../../../../testing/a-plane.ts';
import { nextMachineAnnotation } from '../../../names.ts';
import { makeMove } from './make-move.ts';

const hook = { [annotations.preTerminateHook]: '' };

/** Two controllers of which one has left etcd and waits for its hook to be taken away. */
function withOneThatLeft(): Plane {
  const left = { deleting: true, annotations: hook };
  const plane = aPlane({ controllers: [{}, left], spec: { replicas: 1 } });
  (plane.scope.found.seen?.etcd.members as unknown[]).pop();
  const drained = { type: conditionTypes.deleting, status: 'True', reason: reasons.waitingForPreTerminateHook };
  Object.assign(plane.scope.controllers[1]?.machine ?? {}, { status: { conditions: [drained] } });
  return plane;
}

const notesOf = async ({ management }: Plane) =>
  (await management.get(K0sControlPlane, { namespace: 'ns', name: 'c' }))?.metadata.annotations;

describe('the move of a run', () => {
  it('is to look again in a minute when all is as it should be', async () => {
    const { scope, management } = aPlane();
    scope.memory.look = { settled: false } as Look;
    expect(await makeMove.run(scope, noSignal)).toMatchObject({ kind: 'again', afterMs: settledLookMs });
    expect(scope.memory.look.settled).toBe(true);
    expect(management.calls).toEqual([]);
  });

  it('is to look again soon while the endpoint does not answer', async () => {
    const { scope } = aPlane();
    scope.found.endpoint = { problem: 'no answer' };
    scope.memory.look = { settled: false } as Look;
    const outcome = await makeMove.run(scope, noSignal);
    expect(outcome.kind === 'again' && outcome.afterMs).toBeLessThanOrEqual(10_000);
    expect(scope.memory.look.settled).toBe(false);
  });

  it('is never made on what an earlier run saw', async () => {
    const { scope, management } = aPlane({ controllers: [{}, {}, {}], spec: { replicas: 1 } });
    scope.found.remembered = true;
    // The look that it asks for fails here, since there are no hosts and no keys: nothing may be removed then.
    await expect(makeMove.run(scope, noSignal)).rejects.toThrow('certificates');
    expect(management.calls.filter(({ verb }) => verb === 'remove')).toEqual([]);
  });

  it('removes one Machine at a time, with its uid as precondition', async () => {
    const { scope, management } = aPlane({ controllers: [{}, {}, {}], spec: { replicas: 1 } });
    await makeMove.run(scope, noSignal);
    expect((await management.list(Machine)).length).toBe(2);
  });

  it('adds nobody while a controller is not ready', async () => {
    const { scope, management } = aPlane({ controllers: [{ ready: false }], spec: { replicas: 3 } });
    expect((await makeMove.run(scope, noSignal)).kind).toBe('again');
    expect(management.calls).toEqual([]);
    expect(scope.found.hold).toBe('c-0 is not ready: its API server does not answer yet');
  });

  it('adds nobody to a controller on a database of its own', async () => {
    const k0s = { spec: { storage: { type: 'kine' } } };
    const { scope, management } = aPlane({ spec: { replicas: 3, k0sConfigSpec: { k0s } } });
    scope.found.managesEtcd = false;
    expect((await makeMove.run(scope, noSignal)).kind).toBe('again');
    expect(management.calls).toEqual([]);
    expect(scope.found.hold).toMatch(/^kine on SQLite cannot be shared/);
  });

  it('does not wait for the host of one that has left etcd', async () => {
    const { scope } = aPlane({ controllers: [{}, { deleting: true }], spec: { replicas: 1 } });
    expect(await makeMove.run(scope, noSignal)).toMatchObject({ kind: 'again', afterMs: settledLookMs });
  });

  it('keeps the hook of one whose member must not leave yet', async () => {
    const leaving = { deleting: true, annotations: hook };
    const { scope, management } = aPlane({ controllers: [{ ready: false }, leaving], spec: { replicas: 1 } });
    await makeMove.run(scope, noSignal);
    expect(management.calls.filter(({ verb }) => verb === 'patch')).toEqual([]);
  });

  it('takes the hook of one that has left etcd away last, so that a death before that loses nothing', async () => {
    const { scope, management, workload, facts } = withOneThatLeft();
    const patches = () => management.calls.filter(({ verb }) => verb === 'patch').length;
    const workloads = { client: () => Promise.resolve(patches() === 0 ? workload : undefined) } as never;
    expect(await makeMove.run({ ...scope, workloads }, noSignal)).toMatchObject({ kind: 'waiting' });
    expect(workload.calls.map(({ verb }) => verb)).toEqual(['remove', 'remove']);
    expect(patches()).toBe(1);
    expect(facts.map(({ data }) => data.details)).toEqual([{ machine: 'c-1', replicas: 1 }]);
  });

  it('leaves the hook where the outbox does not know yet that one has left', async () => {
    const { scope, management } = withOneThatLeft();
    const audit = refusingAudit(new Error('no answer'));
    await expect(makeMove.run({ ...scope, audit }, noSignal)).rejects.toThrow('no answer');
    expect(management.calls.filter(({ verb }) => verb === 'patch')).toEqual([]);
  });

  it('writes a remediation down before the Machine goes, and gives it to the one in its place', async () => {
    const conditions = ['HealthCheckSucceeded', 'OwnerRemediated'].map((type) => ({ type, status: 'False' as const }));
    const plane = aPlane({ controllers: [{ ready: false, conditions }, {}, {}] });
    const { scope, management } = plane;
    await makeMove.run(scope, noSignal);
    expect((await management.list(Machine)).map(({ metadata }) => metadata.name)).toEqual(['c-1', 'c-2']);
    const record = (await notesOf(plane))?.[annotations.remediationInProgress] ?? '';
    expect(JSON.parse(record)).toMatchObject({ machine: 'c-0', retryCount: 0 });
  });

  it('ends a remediation that nobody needs a machine for', async () => {
    const record = JSON.stringify({ machine: 'c-9', timestamp: '2026-01-01T00:00:00Z', retryCount: 0 });
    const plane = aPlane({ annotations: { [annotations.remediationInProgress]: record } });
    await makeMove.run(plane.scope, noSignal);
    expect(await notesOf(plane)).not.toHaveProperty([annotations.remediationInProgress]);
  });

  it('writes down the number of a machine that an earlier life made', async () => {
    const plane = aPlane({ controllers: [{}] });
    const named = machineName({ controlPlane: 'c', uid: plane.run.object.metadata.uid }, 0);
    Object.assign(plane.scope.controllers[0] ?? {}, { name: named });
    expect((await makeMove.run(plane.scope, noSignal)).kind).toBe('again');
    expect(await notesOf(plane)).toMatchObject({ [nextMachineAnnotation]: '1' });
  });

  it('looks again when spec.rollout.after comes', async () => {
    const { scope } = aPlane({ spec: { replicas: 1, rollout: { after: '2026-01-01T00:00:10Z' } } });
    expect(await makeMove.run(scope, noSignal)).toMatchObject({ kind: 'again', afterMs: 10_000 });
  });
});
