import { describe, expect, it } from '@jest/globals';
import { gateAddition, gateRemoval, unknownEtcd, type EtcdMemberView, type EtcdView } from '@k0smotron/rollout';
import { etcdIntent } from './etcd-intent.ts';
import type { ObservedEtcd, SeenEtcdPod } from './etcd-move.ts';
import { planEtcd } from './plan-etcd.ts';

const gate = { removal: gateRemoval, addition: gateAddition };

const member = (ordinal: number, rest: Partial<EtcdMemberView> = {}): EtcdMemberView => ({
  id: `m${ordinal}`,
  name: rest.started === false ? '' : `kmc-blue-etcd-${ordinal}`,
  peerUrls: [`https://kmc-blue-etcd-${ordinal}.kmc-blue-etcd.tenant.svc:2380`],
  started: true,
  learner: false,
  healthy: true,
  ...rest,
});

const pod = (ordinal: number, rest: Partial<SeenEtcdPod> = {}): SeenEtcdPod => ({
  ordinal,
  upToDate: true,
  claim: { member: `m${ordinal}` },
  ...rest,
});

const view = (members: readonly EtcdMemberView[], leader = 'm0'): EtcdView => ({
  members,
  leader,
  alarms: [],
  observedAt: '',
  source: 'etcd',
});

const observed = (
  members: readonly EtcdMemberView[],
  pods: readonly SeenEtcdPod[],
  rest: Partial<ObservedEtcd<EtcdView>> = {},
): ObservedEtcd<EtcdView> => ({ view: view(members), pods, recorded: true, ...rest });

const three = [0, 1, 2];

describe('planEtcd', () => {
  it('waits until all members of a new etcd work, and records it then', () => {
    const starting = observed([member(0), member(1), member(2, { healthy: false })], [], { recorded: false });
    expect(planEtcd(starting, 3, gate)).toEqual({ kind: 'hold', because: '2 of 3 members of the new etcd are ready' });
    const ready = observed(
      three.map((it) => member(it)),
      [],
      { recorded: false },
    );
    expect(planEtcd(ready, 3, gate)).toEqual({ kind: 'record' });
  });

  it('begins with as many members as it has begun with, when the wish changes meanwhile', () => {
    const begun = observed([member(0)], [], { recorded: false, begunWith: [0] });
    expect(planEtcd(begun, 3, gate)).toEqual({ kind: 'record' });
    expect(etcdIntent(begun, 3)).toMatchObject({ ordinals: [0], phase: 'beginning', replicas: 1 });
  });

  it('adds a learner, waits for it, and lets it vote', () => {
    const one = observed([member(0)], [pod(0)]);
    expect(planEtcd(one, 3, gate)).toEqual({ kind: 'add', ordinal: 1 });

    const added = observed([member(0), member(1, { started: false, learner: true, healthy: false })], [pod(0)]);
    expect(etcdIntent(added, 3)).toMatchObject({ ordinals: [0, 1], phase: 'joining', replicas: 2 });
    expect(planEtcd(added, 3, gate)).toMatchObject({ kind: 'hold' });

    const started = observed([member(0), member(1, { learner: true })], [pod(0), pod(1, { claim: {} })]);
    expect(etcdIntent(started, 3)).toMatchObject({ phase: 'settled', replicas: 2 });
    expect(planEtcd(started, 3, gate)).toEqual({ kind: 'promote', memberId: 'm1', name: 'kmc-blue-etcd-1' });
  });

  it('takes a learner back that is no longer wanted', () => {
    const added = observed([member(0), member(1, { started: false, learner: true, healthy: false })], [pod(0)]);
    expect(planEtcd(added, 1, gate)).toMatchObject({ kind: 'remove', memberId: 'm1' });
  });

  it('shrinks from the top, after leadership has moved', () => {
    const members = three.map((it) => member(it, { raftIndex: it }));
    const plane = {
      ...observed(
        members,
        three.map((it) => pod(it)),
      ),
      view: view(members, 'm2'),
    };
    expect(planEtcd(plane, 1, gate)).toMatchObject({ kind: 'remove', ordinal: 2, memberId: 'm2', moveLeaderTo: 'm0' });
  });

  it('does not shrink while a member that would stay is down', () => {
    const members = [member(0, { healthy: false, problem: 'no route' }), member(1), member(2)];
    const move = planEtcd(
      observed(
        members,
        three.map((it) => pod(it)),
      ),
      1,
      gate,
    );
    expect(move).toMatchObject({ kind: 'hold' });
    expect(move).toHaveProperty('because', expect.stringContaining('no route'));
  });

  it('discards the volume of a member that left', () => {
    const left = observed([member(0)], [pod(0), pod(1, { upToDate: undefined })]);
    expect(planEtcd(left, 1, gate)).toMatchObject({ kind: 'discard', ordinal: 1 });
  });

  it('replaces a member whose volume is new, and only waits for one whose volume is there', () => {
    const members = [member(0), member(1), member(2, { healthy: false })];
    const lost = observed(members, [pod(0), pod(1), pod(2, { claim: {} })]);
    expect(planEtcd(lost, 3, gate)).toMatchObject({ kind: 'remove', memberId: 'm2' });
    expect(
      planEtcd(
        observed(
          members,
          three.map((it) => pod(it)),
        ),
        3,
        gate,
      ),
    ).toEqual({ kind: 'settled' });
  });

  it('never begins anew when the only member has lost its volume', () => {
    const seen = observed([member(0, { healthy: false })], [pod(0, { claim: {} })]);
    const unseen = { ...seen, view: unknownEtcd('connection refused', '') };
    for (const plane of [seen, unseen]) {
      const move = planEtcd(plane, 1, gate);
      expect(move).toMatchObject({ kind: 'hold' });
      expect(move).toHaveProperty('because', expect.stringContaining('restore a snapshot'));
      expect(etcdIntent(plane, 1)).toMatchObject({ ordinals: [0], phase: 'settled', replicas: 1 });
    }
  });

  it('gives a pod that does not run its new template, although etcd cannot be seen', () => {
    const plane = { ...observed([], [pod(0, { upToDate: false, running: false })]), view: unknownEtcd('refused', '') };
    expect(planEtcd(plane, 1, gate)).toMatchObject({ kind: 'roll', ordinal: 0 });
  });

  it('gives the new template to the broken member first, to the leader last', () => {
    const old = three.map((it) => pod(it, { upToDate: false }));
    const broken = observed([member(0), member(1, { healthy: false }), member(2)], old);
    expect(planEtcd(broken, 3, gate)).toMatchObject({ kind: 'roll', ordinal: 1 });
    const well = observed(
      three.map((it) => member(it)),
      old,
    );
    expect(planEtcd(well, 3, gate)).toMatchObject({ kind: 'roll', ordinal: 2 });
    const leader = observed(
      three.map((it) => member(it)),
      [pod(0, { upToDate: false }), pod(1), pod(2)],
    );
    expect(planEtcd(leader, 3, gate)).toMatchObject({ kind: 'roll', ordinal: 0, moveLeaderTo: 'm1' });
  });

  it('spares running members while another one does not work', () => {
    const members = [member(0), member(1, { healthy: false }), member(2)];
    const plane = observed(members, [pod(0, { upToDate: false }), pod(1), pod(2, { upToDate: false })]);
    expect(planEtcd(plane, 3, gate)).toMatchObject({ kind: 'hold' });
    const two = observed(
      [member(0, { healthy: false }), member(1, { healthy: false }), member(2)],
      [pod(0, { upToDate: false, running: true }), pod(1, { upToDate: false, running: false }), pod(2)],
    );
    expect(planEtcd(two, 3, gate)).toMatchObject({ kind: 'roll', ordinal: 1 });
  });

  it('leaves pods as they are while nobody knows who is a member', () => {
    const pods = three.map((it) => pod(it));
    const plane = { ...observed([], pods, { replicas: 3 }), view: unknownEtcd('no route', '') };
    expect(etcdIntent(plane, 1)).toMatchObject({ ordinals: [0, 1, 2], phase: 'settled', replicas: 3 });
    expect(planEtcd(plane, 1, gate)).toEqual({ kind: 'hold', because: 'etcd cannot be seen: no route' });
  });

  it('gives Services to all that are members or shall be, and calls members as etcd does', () => {
    const joiner = 'https://kmc-blue-etcd-1.tenant.svc:2380';
    const seen = (members: readonly EtcdMemberView[]) => etcdIntent(observed(members, [pod(0)]), members.length);
    expect(seen([member(0)]).services).toEqual([]);
    expect(etcdIntent(observed([member(0)], [pod(0)]), 3).services).toEqual([0, 1, 2]);
    expect(etcdIntent(observed([member(0), member(1), member(2)], []), 1).services).toEqual([0, 1, 2]);
    expect(seen([member(0), member(1, { started: false, learner: true, peerUrls: [joiner] })]).peerUrls).toEqual({
      0: 'https://kmc-blue-etcd-0.kmc-blue-etcd.tenant.svc:2380',
      1: joiner,
    });
    const unseen = { ...observed([], [], { replicas: 3 }), view: unknownEtcd('no route', '') };
    expect(etcdIntent(unseen, 1).services).toEqual([0, 1, 2]);
    // Its StatefulSet is being made anew for larger volumes.
    const orphaned = {
      ...observed(
        [],
        three.map((it) => pod(it)),
      ),
      view: unknownEtcd('no route', ''),
    };
    expect(etcdIntent(orphaned, 1).replicas).toBe(3);
  });

  it('touches nothing while there is a member that it does not know', () => {
    const stranger = member(0, { id: 'x', name: 'somebody' });
    expect(planEtcd(observed([member(0), stranger], [pod(0)]), 1, gate)).toMatchObject({ kind: 'hold' });
  });
});
