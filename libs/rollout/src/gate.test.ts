import { describe, expect, it } from '@jest/globals';
import { unknownEtcd, type EtcdMemberView, type EtcdView } from './etcd-view.ts';
import { gateAddition, gateRemoval } from './gate.ts';

const member = (name: string, over: Partial<EtcdMemberView> = {}): EtcdMemberView => ({
  id: `id-${name}`,
  name,
  started: true,
  learner: false,
  healthy: true,
  peerUrls: [`https://${name}.test:2380`],
  ...over,
});
const view = (members: readonly EtcdMemberView[], over: Partial<EtcdView> = {}): EtcdView => ({
  members,
  leader: members[0]?.id,
  alarms: [],
  observedAt: '2026-01-01T00:00:00Z',
  source: 'etcd',
  ...over,
});
const sick = { healthy: false };
const unstarted = { name: '', started: false, healthy: false };
const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => member(name)) as [
  EtcdMemberView,
  EtcdMemberView,
  EtcdMemberView,
  EtcdMemberView,
  EtcdMemberView,
];

describe('gateRemoval', () => {
  it.each([
    { given: 'three well', members: [a, b, c], voluntary: true, failed: true },
    { given: 'two well', members: [a, b], voluntary: true, failed: true },
    { given: 'one', members: [a], voluntary: false, failed: false },
    { given: 'a sick victim of three', members: [member('a', sick), b, c], voluntary: false, failed: true },
    { given: 'another sick of three', members: [a, member('b', sick), c], voluntary: false, failed: false },
    { given: 'a sick victim of two', members: [member('a', sick), b], voluntary: false, failed: true },
    { given: 'the other sick of two', members: [a, member('b', sick)], voluntary: false, failed: false },
    { given: 'another sick of five', members: [a, member('b', sick), c, d, e], voluntary: false, failed: true },
    {
      given: 'two others sick of five',
      members: [a, member('b', sick), member('c', sick), d, e],
      voluntary: false,
      failed: false,
    },
    {
      given: 'another still a learner',
      members: [a, b, member('c', { learner: true })],
      voluntary: false,
      failed: false,
    },
    {
      given: 'a victim that is a stuck learner',
      members: [member('a', { learner: true, ...sick }), b, c],
      voluntary: true,
      failed: true,
    },
    { given: 'another not started', members: [a, b, member('c', unstarted)], voluntary: false, failed: false },
    {
      given: 'another not started of four',
      members: [a, b, member('c', unstarted), d],
      voluntary: false,
      failed: true,
    },
    { given: 'health unknown', members: [a, member('b', { healthy: undefined }), c], voluntary: false, failed: false },
  ])('with $given', ({ members, voluntary, failed }) => {
    expect(gateRemoval(view(members), 'a', 'voluntary').allowed).toBe(voluntary);
    expect(gateRemoval(view(members), 'id-a', 'failed').allowed).toBe(failed);
  });

  it('says with numbers why not', () => {
    const verdict = gateRemoval(view([a, member('b', sick), c]), 'a', 'failed');
    expect(verdict).toEqual({
      allowed: false,
      because: 'without a 1 of 2 members would be healthy and 2 are needed: b must become healthy first',
    });
  });

  it('takes a machine that is no member for free to go', () => {
    expect(gateRemoval(view([a, b]), 'z', 'voluntary').allowed).toBe(true);
  });

  it('never takes a member without a name for one that was not named', () => {
    expect(gateRemoval(view([a, member('b', unstarted)]), '', 'failed').allowed).toBe(true);
  });

  it('holds while etcd cannot be seen', () => {
    const verdict = gateRemoval(unknownEtcd('10.0.0.1:22: timed out', ''), 'a', 'failed');
    expect(verdict).toEqual({ allowed: false, because: 'etcd cannot be seen: 10.0.0.1:22: timed out' });
  });

  it('counts a corrupt member as sick, and lets an alarm hold voluntary moves', () => {
    const corrupt = view([a, b, c], { alarms: [{ memberId: 'id-b', alarm: 'CORRUPT' }] });
    expect(gateRemoval(corrupt, 'a', 'failed').allowed).toBe(false);
    const full = view([a, b, c], { alarms: [{ memberId: 'id-b', alarm: 'NOSPACE' }] });
    expect(gateRemoval(full, 'a', 'failed').allowed).toBe(true);
    expect(gateRemoval(full, 'a', 'voluntary')).toMatchObject({ because: expect.stringContaining('NOSPACE on b') });
  });

  it('holds voluntary moves without a leader', () => {
    expect(gateRemoval(view([a, b, c], { leader: undefined }), 'a', 'voluntary').allowed).toBe(false);
  });

  it('works with what k0s’s objects tell: no learners, no leader', () => {
    const members = [a, b, c].map((one) => ({ ...one, learner: undefined }));
    const told = view(members, { leader: undefined, source: 'k0s' });
    expect(gateRemoval(told, 'a', 'voluntary').allowed).toBe(true);
  });
});

describe('gateAddition', () => {
  it.each([
    { given: 'all well', members: [a, b, c], allowed: true },
    { given: 'a single one', members: [a], allowed: true },
    { given: 'a sick one', members: [a, member('b', sick), c], allowed: false },
    { given: 'a learner', members: [a, member('b', { learner: true })], allowed: false },
    { given: 'one not started', members: [a, member('b', unstarted)], allowed: false },
    { given: 'health unknown', members: [a, member('b', { healthy: undefined })], allowed: false },
  ])('with $given: $allowed', ({ members, allowed }) => {
    expect(gateAddition(view(members)).allowed).toBe(allowed);
  });

  it('names the ports when a member does not start', () => {
    expect(gateAddition(view([a, member('b', unstarted)]))).toMatchObject({
      because: expect.stringContaining('b.test was added to etcd and has not started'),
    });
  });
});
