import { describe, expect, it } from '@jest/globals';
import type { ControlPlaneMachine, DesiredControlPlane, ObservedControlPlane } from './control-plane.ts';
import { unknownEtcd, type EtcdMemberView, type EtcdView } from './etcd-view.ts';
import { machineName } from './machine-name.ts';
import { planControlPlane } from './plan-control-plane.ts';

const machine = (name: string, over: Partial<ControlPlaneMachine> = {}): ControlPlaneMachine => ({
  name,
  createdAt: `2026-01-01T00:00:0${name.charCodeAt(0) % 10}Z`,
  deleting: false,
  change: 'nothing',
  ready: true,
  ...over,
});
const member = (name: string, over: Partial<EtcdMemberView> = {}): EtcdMemberView => ({
  id: `id-${name}`,
  name,
  started: true,
  learner: false,
  healthy: true,
  peerUrls: [],
  ...over,
});
const etcdOf = (...members: (string | EtcdMemberView)[]): EtcdView => {
  const all = members.map((one) => (typeof one === 'string' ? member(one) : one));
  return { members: all, leader: all[0]?.id, alarms: [], observedAt: '', source: 'etcd' };
};
const observed = (
  machines: readonly ControlPlaneMachine[],
  over: Partial<ObservedControlPlane> = {},
): ObservedControlPlane => ({
  machines,
  etcd: etcdOf(...machines.map(({ name }) => name)),
  initialized: true,
  nowMs: Date.parse('2026-01-02T00:00:00Z'),
  ...over,
});
const desired = (over: Partial<DesiredControlPlane> = {}): DesiredControlPlane => ({
  controlPlane: 'cp',
  uid: 'u-1',
  replicas: 3,
  strategy: 'Recreate',
  counter: 0,
  ...over,
});
/** d < e < f in age. */
const three = [machine('d'), machine('e'), machine('f')];
const outdated = { change: 'in place' as const };
const gone = { deleting: true, awaitsHook: true };

describe('planControlPlane: size', () => {
  it('makes the first machine without asking etcd', () => {
    const empty = observed([], { initialized: false, etcd: unknownEtcd('not started', '') });
    expect(planControlPlane(empty, desired())).toMatchObject({ kind: 'add', ordinal: 0 });
  });

  it('never makes a new first machine over lost data', () => {
    const move = planControlPlane(observed([], { etcd: unknownEtcd('no machine', '') }), desired());
    expect(move).toMatchObject({ kind: 'hold', because: expect.stringContaining('empty cluster') });
  });

  it('makes machines anew when the data lives elsewhere', () => {
    expect(planControlPlane(observed([], { etcd: 'unmanaged' }), desired()).kind).toBe('add');
  });

  it('waits for the newest before the next', () => {
    const machines = [machine('d'), machine('e', { ready: false, notReadyBecause: 'its API does not answer' })];
    expect(planControlPlane(observed(machines, { etcd: etcdOf('d') }), desired())).toEqual({
      kind: 'hold',
      because: 'e is not ready: its API does not answer',
    });
  });

  it('adds one at a time into the emptiest failure domain', () => {
    const machines = [machine('d', { failureDomain: 'x' })];
    const move = planControlPlane(observed(machines), desired({ counter: 4, failureDomains: ['x', 'y'] }));
    expect(move).toEqual({
      kind: 'add',
      name: machineName({ controlPlane: 'cp', uid: 'u-1' }, 4),
      ordinal: 4,
      failureDomain: 'y',
    });
  });

  it('does not add while a member is unwell', () => {
    const view = { etcd: etcdOf('d', member('e', { healthy: false })) };
    const move = planControlPlane(observed([machine('d'), machine('e')], view), desired());
    expect(move).toEqual({ kind: 'hold', because: '1 of 2 etcd members are healthy: e is unhealthy' });
  });

  it('takes the oldest away when there are too many', () => {
    expect(planControlPlane(observed(three), desired({ replicas: 1 }))).toMatchObject({ kind: 'remove', name: 'd' });
  });

  it('takes a machine away that never joined rather than a working one', () => {
    const machines = [machine('d'), machine('e', { ready: false })];
    const move = planControlPlane(observed(machines, { etcd: etcdOf('d') }), desired({ replicas: 1 }));
    expect(move).toMatchObject({ kind: 'remove', name: 'e' });
  });

  it('goes from three with one dead to one by taking the dead one first', () => {
    const machines = [machine('d'), machine('e', { ready: false }), machine('f')];
    const view = { etcd: etcdOf('d', member('e', { healthy: false }), 'f') };
    expect(planControlPlane(observed(machines, view), desired({ replicas: 1 }))).toMatchObject({ name: 'e' });
  });

  it('honours the wish which machine to delete', () => {
    const machines = [machine('d'), machine('e'), machine('f', { preferredVictim: true })];
    expect(planControlPlane(observed(machines), desired({ replicas: 2 }))).toMatchObject({ name: 'f' });
  });

  it('refuses zero replicas', () => {
    expect(planControlPlane(observed(three), desired({ replicas: 0 })).kind).toBe('hold');
  });

  it('is settled when nothing is to do', () => {
    expect(planControlPlane(observed(three), desired())).toEqual({ kind: 'settled' });
  });

  it('holds when etcd cannot be seen', () => {
    const blind = { etcd: unknownEtcd('SSH refused', '') };
    expect(planControlPlane(observed(three, blind), desired({ replicas: 1 })).kind).toBe('hold');
  });
});

describe('planControlPlane: departures', () => {
  it('waits until a deleting machine is drained', () => {
    const machines = [machine('d', { deleting: true }), machine('e'), machine('f')];
    expect(planControlPlane(observed(machines), desired())).toEqual({ kind: 'hold', because: 'd is being deleted' });
  });

  it('lets the member leave, leadership first', () => {
    const machines = [machine('d', gone), machine('e'), machine('f')];
    const view = { etcd: etcdOf('d', 'e', member('f', { raftIndex: 9 })) };
    expect(planControlPlane(observed(machines, view), desired())).toEqual({
      kind: 'leave',
      name: 'd',
      memberId: 'id-d',
      moveLeaderTo: 'id-f',
    });
  });

  it('drops the hook once the member is out', () => {
    const machines = [machine('d', gone), machine('e'), machine('f')];
    const move = planControlPlane(observed(machines, { etcd: etcdOf('e', 'f') }), desired());
    expect(move).toEqual({ kind: 'release', name: 'd' });
  });

  it('replaces a released machine without waiting for its host', () => {
    const machines = [machine('d', { deleting: true, released: true }), machine('e'), machine('f')];
    expect(planControlPlane(observed(machines, { etcd: etcdOf('e', 'f') }), desired()).kind).toBe('add');
  });

  it('finds a member that never started by its machine’s address', () => {
    const machines = [machine('d'), machine('e', { ...gone, ready: false, addresses: ['10.0.0.2'] }), machine('f')];
    const stuck = member('', { id: 'x', started: false, healthy: false, peerUrls: ['https://10.0.0.2:2380'] });
    const move = planControlPlane(observed(machines, { etcd: etcdOf('d', stuck, 'f') }), desired());
    expect(move).toMatchObject({ kind: 'leave', memberId: 'x' });
  });

  it('makes a successor before the last member may leave', () => {
    const machines = [machine('d', gone)];
    expect(planControlPlane(observed(machines), desired({ replicas: 1 })).kind).toBe('add');
  });

  it('keeps a member whose departure would cost quorum, and says so', () => {
    const machines = [machine('d', gone), machine('e', { ready: false }), machine('f')];
    const view = { etcd: etcdOf('d', member('e', { healthy: false }), 'f') };
    expect(planControlPlane(observed(machines, view), desired())).toMatchObject({
      kind: 'hold',
      because: expect.stringMatching(/^d cannot leave: 2 of 3 etcd members are healthy/),
    });
  });

  it('asks etcd when it shows members, even if every mark of them is lost', () => {
    const move = planControlPlane(observed([machine('d', gone)], { initialized: false }), desired({ replicas: 1 }));
    expect(move.kind).toBe('add');
  });

  it('lets a younger machine go when the oldest must stay', () => {
    const machines = [machine('d', gone), machine('e', { ...gone, ready: false })];
    const move = planControlPlane(observed(machines, { etcd: etcdOf('d') }), desired({ replicas: 1 }));
    expect(move).toEqual({ kind: 'release', name: 'e' });
  });

  it('asks nobody before the first start or when the data lives elsewhere', () => {
    const machines = [machine('d', gone)];
    const release = { kind: 'release', name: 'd' };
    const fresh = { initialized: false, etcd: unknownEtcd('not started', '') };
    expect(planControlPlane(observed(machines, fresh), desired())).toEqual(release);
    expect(planControlPlane(observed(machines, { etcd: 'unmanaged' }), desired())).toEqual(release);
  });
});

describe('planControlPlane: replacement', () => {
  it('adds before it removes with Recreate', () => {
    const machines = three.map((one) => ({ ...one, ...outdated }));
    expect(planControlPlane(observed(machines), desired()).kind).toBe('add');
    expect(planControlPlane(observed([...machines, machine('g')]), desired())).toMatchObject({
      kind: 'remove',
      name: 'd',
    });
  });

  it('does not take away the new machine of a rollout while it starts', () => {
    const machines = [...three.map((one) => ({ ...one, ...outdated })), machine('g', { ready: false })];
    const move = planControlPlane(observed(machines, { etcd: etcdOf('d', 'e', 'f') }), desired());
    expect(move).toEqual({ kind: 'hold', because: 'g is not ready' });
  });

  it('removes before it adds with RecreateDeleteFirst, from three on', () => {
    const machines = three.map((one) => ({ ...one, ...outdated }));
    const strategy = { strategy: 'RecreateDeleteFirst' as const };
    expect(planControlPlane(observed(machines), desired(strategy))).toMatchObject({ kind: 'remove', name: 'd' });
    expect(planControlPlane(observed(machines.slice(0, 1)), desired({ ...strategy, replicas: 1 })).kind).toBe('add');
  });

  it('updates in place when only the version differs, else recreates', () => {
    const machines = [machine('d', outdated), machine('e'), machine('f')];
    expect(planControlPlane(observed(machines), desired({ strategy: 'InPlace' }))).toEqual({
      kind: 'update',
      name: 'd',
    });
    const changed = [machine('d', { change: 'replace' }), machine('e', outdated), machine('f')];
    expect(planControlPlane(observed(changed), desired({ strategy: 'InPlace' })).kind).toBe('add');
  });

  it('holds every new machine of a version that may not come next, and says which may', () => {
    const versionProblem = 'v1.32.1 still runs: update to v1.33 first';
    const hold = { kind: 'hold', because: versionProblem };
    const machines = three.map((one) => ({ ...one, change: 'replace' as const }));
    for (const strategy of ['InPlace', 'Recreate', 'RecreateDeleteFirst'] as const)
      expect(planControlPlane(observed(machines), desired({ strategy, versionProblem }))).toEqual(hold);
    expect(planControlPlane(observed(three), desired({ replicas: 5, versionProblem }))).toEqual(hold);
    expect(planControlPlane(observed(three), desired({ versionProblem })).kind).toBe('settled');
  });

  it('updates one machine at a time in place, the leader of etcd last', () => {
    const machines = three.map((one) => ({ ...one, ...outdated }));
    const inPlace = desired({ strategy: 'InPlace' });
    expect(planControlPlane(observed(machines), inPlace)).toEqual({ kind: 'update', name: 'e' });
    const last = [machine('d', outdated), machine('e'), machine('f')];
    expect(planControlPlane(observed(last), inPlace)).toEqual({ kind: 'update', name: 'd' });
    const sick = { etcd: etcdOf('d', 'e', member('f', { healthy: false })) };
    expect(planControlPlane(observed(machines, sick), inPlace).kind).toBe('hold');
  });

  it('takes an outdated machine from the failure domain that all machines fill most', () => {
    const inDomain = (name: string, failureDomain: string, over: Partial<ControlPlaneMachine> = {}) =>
      machine(name, { failureDomain, ...over });
    const machines = [
      inDomain('d', 'x', outdated),
      inDomain('e', 'y', outdated),
      inDomain('f', 'y'),
      inDomain('g', 'z'),
    ];
    const move = planControlPlane(observed(machines), desired({ failureDomains: ['x', 'y', 'z'] }));
    expect(move).toMatchObject({ kind: 'remove', name: 'e' });
  });

  it('gives up an outdated machine that never joined, unless etcd would not bear its late arrival', () => {
    const joiner = machine('f', { ...outdated, ready: false });
    const two = [machine('d'), machine('e')];
    const view = { etcd: etcdOf('d', 'e') };
    expect(planControlPlane(observed([...two, joiner], view), desired())).toMatchObject({ kind: 'remove', name: 'f' });
    const alone = { etcd: etcdOf('d') };
    expect(planControlPlane(observed([machine('d'), joiner], alone), desired())).toEqual({
      kind: 'hold',
      because: 'f is not ready',
    });
    const first = { initialized: false, etcd: unknownEtcd('not started', '') };
    expect(planControlPlane(observed([joiner], first), desired())).toMatchObject({ kind: 'remove', name: 'f' });
  });

  it('evicts a dead member that no machine explains, before anything that it would hold', () => {
    const view = { etcd: etcdOf('d', 'e', 'f', member('x', { healthy: undefined })) };
    const evict = { kind: 'evict', memberId: 'id-x', because: 'no machine runs etcd member x' };
    expect(planControlPlane(observed(three, view), desired({ replicas: 1 }))).toEqual(evict);
    const leaving = [machine('d', gone), machine('e'), machine('f')];
    expect(planControlPlane(observed(leaving, view), desired())).toEqual(evict);
  });

  it('does not take a member for a stranger while a machine is joining', () => {
    const joining = member('', { id: 'x', started: false, healthy: false });
    const machines = [machine('d'), machine('e'), machine('f', { ready: false })];
    expect(planControlPlane(observed(machines, { etcd: etcdOf('d', 'e', joining) }), desired()).kind).toBe('hold');
  });

  it('knows a member that bears its host’s name by its address', () => {
    const machines = three.map((one, at) => ({ ...one, addresses: [`10.0.0.${at}`] }));
    const members = machines.map((_, at) => member(`host-${at}`, { peerUrls: [`https://10.0.0.${at}:2380`] }));
    expect(planControlPlane(observed(machines, { etcd: etcdOf(...members) }), desired())).toEqual({ kind: 'settled' });
  });
});
