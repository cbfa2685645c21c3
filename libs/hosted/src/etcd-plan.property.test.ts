import { describe, expect, it } from '@jest/globals';
import { gateAddition, gateRemoval, quorumOf, unknownEtcd, type EtcdView } from '@k0smotron/rollout';
import fc from 'fast-check';
import { etcdIntent } from './etcd-intent.ts';
import type { EtcdMove, ObservedEtcd } from './etcd-move.ts';
import { planEtcd } from './plan-etcd.ts';

const gate = { removal: gateRemoval, addition: gateAddition };

interface Member {
  readonly id: string;
  readonly ordinal: number;
  started: boolean;
  learner: boolean;
}

/** A pod and its claim. */
interface Place {
  template: number;
  /** Member whose data the volume holds. */
  data?: string;
  mark?: string;
  up: boolean;
}

type Happening =
  | { readonly what: 'scale'; readonly to: number }
  | { readonly what: 'change' | 'heal' | 'wait' }
  | { readonly what: 'kill' | 'lose'; readonly which: number };

/** StatefulSet, volumes and etcd in little; obeys intent and plan. */
class World {
  members: Member[] = [];
  readonly places = new Map<number, Place>();
  recorded = false;
  begunWith: readonly number[] = [];
  template = 0;
  wanted: number;
  phase = 'beginning';
  replicas: number | undefined;
  counter = 0;

  constructor(wanted: number) {
    this.wanted = wanted;
  }

  works = ({ id, ordinal, started }: Member): boolean => {
    const place = this.places.get(ordinal);
    return started && place?.up === true && place.data === id;
  };

  voters = (): Member[] => this.members.filter(({ started, learner }) => started && !learner);

  hasQuorum = (): boolean => this.voters().filter(this.works).length >= quorumOf(this.voters().length);

  happen(happening: Happening): void {
    if (happening.what === 'scale') this.wanted = happening.to;
    if (happening.what === 'change') this.template += 1;
    if (happening.what === 'heal') for (const place of this.places.values()) place.up = true;
    if (!('which' in happening)) return;
    const ordinals = [...this.places.keys()];
    const ordinal = ordinals[happening.which % Math.max(ordinals.length, 1)];
    // One failure at a time, and not in the only member: what is left must have quorum, or nobody could repair it.
    if (ordinal === undefined || !this.recorded || this.voters().length < 3) return;
    if (!this.voters().every(this.works) || !this.voters().some((member) => member.ordinal === ordinal)) return;
    if (happening.what === 'kill') this.places.get(ordinal)!.up = false;
    else this.places.set(ordinal, { template: this.template, up: true });
  }

  observe(): ObservedEtcd<EtcdView> {
    const leader = this.hasQuorum() ? this.voters().find(this.works)?.id : undefined;
    return {
      view: this.recorded && !leader ? unknownEtcd('no quorum', '') : { ...this.seen(), leader },
      pods: [...this.places].map(([ordinal, { template, mark, up }]) => ({
        ordinal,
        upToDate: template === this.template,
        running: up,
        claim: { member: mark },
      })),
      begunWith: this.begunWith,
      replicas: this.replicas,
      recorded: this.recorded,
    };
  }

  private seen = (): EtcdView => ({
    alarms: [],
    observedAt: '',
    source: 'etcd',
    members: this.members.map((member) => ({
      id: member.id,
      name: member.started ? `kmc-blue-etcd-${member.ordinal}` : '',
      peerUrls: [`https://kmc-blue-etcd-${member.ordinal}.kmc-blue-etcd.tenant.svc:2380`],
      started: member.started,
      learner: member.learner,
      healthy: this.works(member),
    })),
  });

  /** What the StatefulSet and the pods do by themselves. */
  settle(): void {
    const { ordinals, phase, replicas } = etcdIntent(this.observe(), this.wanted);
    this.phase = phase;
    this.replicas = replicas;
    if (phase === 'beginning') this.begunWith = ordinals;
    for (const [ordinal, place] of this.places) if (ordinal >= replicas) place.up = false;
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      if (!this.places.has(ordinal)) this.places.set(ordinal, { template: this.template, up: true });
    }
    if (phase === 'beginning' && this.members.length === 0) {
      this.members = ordinals.map((ordinal) => ({ id: this.newId(), ordinal, started: true, learner: false }));
      for (const { id, ordinal } of this.members) this.places.get(ordinal)!.data = id;
    }
    if (phase === 'joining') this.startLearner();
  }

  private startLearner(): void {
    const joining = this.members.find(({ started }) => !started);
    const place = joining && this.places.get(joining.ordinal);
    if (joining && place?.up && place.data === undefined) {
      place.data = joining.id;
      joining.started = true;
    }
  }

  obey(move: EtcdMove): void {
    if (move.kind === 'record') this.recorded = true;
    if (move.kind === 'mark')
      for (const { ordinal, memberId } of move.claims) this.places.get(ordinal)!.mark = memberId;
    if (move.kind === 'discard') this.places.delete(move.ordinal);
    if (move.kind === 'add') {
      this.members.push({ id: this.newId(), ordinal: move.ordinal, started: false, learner: true });
      const place = this.places.get(move.ordinal);
      if (place) Object.assign(place, { template: this.template, up: true });
    }
    if (move.kind === 'promote') this.members.find(({ id }) => id === move.memberId)!.learner = false;
    if (move.kind === 'remove') {
      const place = this.places.get(move.ordinal);
      if (place) place.mark = move.memberId;
      this.members = this.members.filter(({ id }) => id !== move.memberId);
    }
    if (move.kind === 'roll') Object.assign(this.places.get(move.ordinal)!, { template: this.template, up: true });
  }

  private newId(): string {
    this.counter += 1;
    return this.counter.toString(16);
  }
}

const sizes = fc.constantFrom(1, 3, 5);
const happenings = fc.array(
  fc.oneof(
    fc.record({ what: fc.constant('scale' as const), to: sizes }),
    fc.record({ what: fc.constantFrom('change', 'heal', 'wait') }),
    fc.record({ what: fc.constantFrom('kill', 'lose'), which: fc.nat(4) }),
  ),
  { maxLength: 25 },
);

describe('a plane whose etcd obeys the plan', () => {
  it('never loses quorum or data by our doing, and arrives where it is wanted', () => {
    fc.assert(
      fc.property(sizes, happenings, (first, events) => {
        const world = new World(first);
        const tick = (): EtcdMove => {
          world.settle();
          const before = world.hasQuorum();
          const move = planEtcd(world.observe(), world.wanted, gate);
          world.obey(move);
          if (before && move.kind !== 'roll') expect(world.hasQuorum()).toBe(true);
          return move;
        };
        for (const event of events) {
          world.happen(event);
          tick();
          tick();
        }
        world.happen({ what: 'heal' });
        let last = tick();
        for (let turn = 0; turn < 80 && last.kind !== 'settled'; turn += 1) last = tick();

        expect(last).toEqual({ kind: 'settled' });
        world.settle();
        expect(world.voters().filter(world.works)).toHaveLength(world.wanted);
        expect(world.members).toHaveLength(world.wanted);
        expect([...world.places.keys()].sort()).toEqual(Array.from({ length: world.wanted }, (_, it) => it));
        expect([...world.places.values()].every(({ template }) => template === world.template)).toBe(true);
        expect(world.phase).toBe('settled');
      }),
      { numRuns: 100 },
    );
  });

  it('rolls a member only while all others work, and the leader after leadership has moved', () => {
    fc.assert(
      fc.property(fc.constantFrom(3, 5), (size) => {
        const world = new World(size);
        const moves: EtcdMove[] = [];
        for (let turn = 0; turn < 30; turn += 1) {
          world.settle();
          const { view } = world.observe();
          const move = planEtcd(world.observe(), size, gate);
          if (move.kind === 'settled' && world.template === 0) world.happen({ what: 'change' });
          if (move.kind === 'roll') {
            expect(view.members.every(({ healthy }) => healthy)).toBe(true);
            moves.push(move);
          }
          world.obey(move);
        }
        expect(moves).toHaveLength(size);
        expect(moves.map((move) => move.kind === 'roll' && move.moveLeaderTo !== undefined)).toEqual([
          ...Array.from({ length: size - 1 }, () => false),
          true,
        ]);
      }),
    );
  });
});
