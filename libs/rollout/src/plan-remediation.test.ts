import { describe, expect, it } from '@jest/globals';
import type { ControlPlaneMachine, DesiredControlPlane, ObservedControlPlane } from './control-plane.ts';
import { unknownEtcd, type EtcdView } from './etcd-view.ts';
import { planControlPlane } from './plan-control-plane.ts';
import { planRemediation } from './plan-remediation.ts';

const nowMs = Date.parse('2026-01-02T00:00:00Z');
const machine = (name: string, over: Partial<ControlPlaneMachine> = {}): ControlPlaneMachine => ({
  name,
  createdAt: '2026-01-01T00:00:00Z',
  deleting: false,
  change: 'nothing',
  ready: true,
  ...over,
});
const failed = (name: string, over: Partial<ControlPlaneMachine> = {}) =>
  machine(name, { failed: true, ready: false, ...over });
/** Members by name; the sick ones with a question mark. */
const etcdOf = (...names: string[]): EtcdView => {
  const members = names.map((text) => {
    const name = text.replace('?', '');
    return { id: `id-${name}`, name, started: true, learner: false, healthy: !text.endsWith('?'), peerUrls: [] };
  });
  return { members, leader: members.find(({ healthy }) => healthy)?.id, alarms: [], observedAt: '', source: 'etcd' };
};
const observed = (
  machines: readonly ControlPlaneMachine[],
  etcd: ObservedControlPlane['etcd'],
  over: Partial<ObservedControlPlane> = {},
): ObservedControlPlane => ({ machines, etcd, initialized: true, nowMs, ...over });
const desired = (over: Partial<DesiredControlPlane> = {}): DesiredControlPlane => ({
  controlPlane: 'cp',
  uid: 'u-1',
  replicas: 3,
  strategy: 'Recreate',
  counter: 0,
  ...over,
});
const record = (of: string, retryCount = 0) => ({ machine: of, timestamp: '2026-01-02T00:00:00.000Z', retryCount });

describe('a failed controller', () => {
  it('goes when the others keep quorum, with a record of it', () => {
    const world = observed([failed('d'), machine('e'), machine('f')], etcdOf('d?', 'e', 'f'));
    expect(planControlPlane(world, desired())).toEqual({
      kind: 'remove',
      name: 'd',
      because: 'it has failed',
      remediation: record('d'),
    });
  });

  it('gives its record to the machine in its place', () => {
    const world = observed([machine('e'), machine('f')], etcdOf('e', 'f'), { remediation: record('d') });
    expect(planControlPlane(world, desired())).toMatchObject({ kind: 'add', replaces: record('d') });
  });

  it('goes before anything runs that could be lost, the only one too', () => {
    const world = observed([failed('d')], unknownEtcd('not started', ''), { initialized: false });
    expect(planControlPlane(world, desired())).toMatchObject({ kind: 'remove', name: 'd' });
  });

  it('goes when it never became a member, as the second and the third during the start', () => {
    const second = observed([machine('d'), failed('e')], etcdOf('d'));
    expect(planControlPlane(second, desired())).toMatchObject({ kind: 'remove', name: 'e' });
    const third = observed([machine('d'), machine('e'), failed('f')], etcdOf('d', 'e'));
    expect(planControlPlane(third, desired())).toMatchObject({ kind: 'remove', name: 'f' });
  });

  it('stays while it is the only one, and more replicas are the way out', () => {
    const world = observed([failed('d', { ready: true })], etcdOf('d'));
    expect(planRemediation(world, desired({ replicas: 1 }))).toMatchObject([{ kind: 'impossible', name: 'd' }]);
    expect(planControlPlane(world, desired({ replicas: 1 })).kind).toBe('settled');
    expect(planControlPlane(world, desired()).kind).toBe('add');
  });

  it('stays where two of three are dead: removing one would need the other', () => {
    const world = observed([failed('d'), failed('e'), machine('f')], etcdOf('d?', 'e?', 'f'));
    expect(planRemediation(world, desired())).toEqual([
      {
        kind: 'deferred',
        name: 'd',
        because: 'without d 1 of 2 members would be healthy and 2 are needed: e must become healthy first',
      },
      {
        kind: 'deferred',
        name: 'e',
        because: 'without e 1 of 2 members would be healthy and 2 are needed: d must become healthy first',
      },
    ]);
    expect(planControlPlane(world, desired()).kind).toBe('hold');
  });

  it('waits for another one of five, the one without a member first', () => {
    const machines = [failed('d'), failed('e'), machine('f'), machine('g'), machine('h')];
    const world = observed(machines, etcdOf('d?', 'f', 'g', 'h'));
    expect(planRemediation(world, desired({ replicas: 5 }))).toMatchObject([
      { kind: 'replace', name: 'e' },
      { kind: 'deferred', name: 'd', because: 'e goes first' },
    ]);
  });

  it('waits until a controller that serves would be left', () => {
    const machines = [failed('d'), machine('e', { ready: false }), machine('f', { ready: false })];
    const world = observed(machines, etcdOf('d?', 'e', 'f'));
    expect(planRemediation(world, desired())).toMatchObject([{ because: 'no other controller is ready' }]);
    const elsewhere = observed([failed('d'), machine('e')], 'unmanaged');
    expect(planRemediation(elsewhere, desired())).toMatchObject([{ kind: 'replace' }]);
  });

  it('is held against the budget, and says so when nothing else is to do', () => {
    const again = failed('d', { ready: true, replaces: { ...record('c', 2), timestamp: '2026-01-01T23:55:00Z' } });
    const world = observed([again, machine('e'), machine('f')], etcdOf('d', 'e', 'f'));
    expect(planControlPlane(world, desired({ remediation: { retryPeriodMs: 600_000 } }))).toEqual({
      kind: 'hold',
      because: 'd has failed: it took the place of c, and tries are 600 s apart',
    });
    expect(planRemediation(world, desired({ remediation: { maxRetry: 2 } }))).toMatchObject([{ kind: 'impossible' }]);
    expect(planControlPlane(world, desired())).toMatchObject({ kind: 'remove', remediation: record('d', 3) });
  });

  it('is replaced although the one whose place it took cannot leave before', () => {
    const world = observed([machine('d', { deleting: true, awaitsHook: true }), failed('e')], etcdOf('d'));
    expect(planControlPlane(world, desired({ replicas: 1 }))).toMatchObject({ kind: 'remove', name: 'e' });
  });
});
