import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ControlPlaneMachine, DesiredControlPlane, Move } from './control-plane.ts';
import type { EtcdMemberView, EtcdView } from './etcd-view.ts';
import { quorumOf } from './gate.ts';
import { planControlPlane } from './plan-control-plane.ts';

interface Host {
  readonly name: string;
  readonly born: number;
  generation: number;
  alive: boolean;
  failed: boolean;
  /** Its Machine was removed by force: only the dead member is left. */
  vanished: boolean;
  phase: 'booting' | 'learner' | 'voter' | 'left';
  deletion: 'none' | 'draining' | 'hook' | 'released';
  bootTicks: number;
  /** Ticks until a released host is clean. */
  patience: number;
}

type Happening =
  | { readonly what: 'scale'; readonly to: number }
  | { readonly what: 'change' }
  | { readonly what: 'delete' | 'kill' | 'fail' | 'vanish'; readonly which: number }
  | { readonly what: 'heal' | 'wait' };

/** A control plane whose hosts die, whose users change their minds, and which obeys the planner. */
class World {
  hosts: Host[] = [];
  readonly everNamed: string[] = [];
  replicas: number;
  readonly strategy: DesiredControlPlane['strategy'];
  generation = 0;
  counter = 0;
  clock = 0;
  initialized = false;

  constructor(replicas: number, strategy: DesiredControlPlane['strategy']) {
    this.replicas = replicas;
    this.strategy = strategy;
  }

  voters = (): Host[] => this.hosts.filter(({ phase }) => phase === 'voter');
  hasQuorum = (): boolean => this.voters().filter(({ alive }) => alive).length >= quorumOf(this.voters().length);

  happen(happening: Happening): void {
    if (happening.what === 'scale') this.replicas = happening.to;
    if (happening.what === 'change') this.generation += 1;
    if (happening.what === 'heal') for (const host of this.hosts) [host.alive, host.failed] = [!host.vanished, false];
    if (!('which' in happening)) return;
    const host = this.hosts[happening.which % Math.max(this.hosts.length, 1)];
    if (!host) return;
    if (happening.what === 'delete' && host.deletion === 'none') host.deletion = 'draining';
    if (happening.what === 'fail' && !host.alive) host.failed = true;
    if (happening.what === 'kill' || happening.what === 'vanish') this.hurt(host, happening.what === 'vanish');
  }

  private hurt(host: Host, vanishes: boolean): void {
    const before = { alive: host.alive, vanished: host.vanished };
    Object.assign(host, { alive: false, vanished: before.vanished || vanishes });
    // The disasters of this test never cost quorum by themselves: that would be nobody's plan to prevent.
    if (this.initialized && !this.hasQuorum()) Object.assign(host, before);
    this.hosts = this.hosts.filter(({ vanished, phase }) => !vanished || phase === 'voter' || phase === 'learner');
  }

  /** What happens by itself: machines boot, join, drain and vanish. */
  tick(): void {
    this.clock += 1;
    for (const host of this.hosts) {
      const canJoin = host.alive && (!this.initialized || this.hasQuorum());
      if (host.phase === 'learner' && canJoin) host.phase = 'voter';
      if (host.phase === 'booting' && canJoin && (host.bootTicks -= 1) < 0)
        host.phase = this.initialized ? 'learner' : 'voter';
      if (host.phase === 'voter') this.initialized = true;
      if (host.deletion === 'released') host.patience -= 1;
      if (host.deletion === 'draining') host.deletion = 'hook';
    }
    this.hosts = this.hosts.filter(({ deletion, patience }) => deletion !== 'released' || patience > 0);
  }

  view(): EtcdView {
    const members = this.hosts
      .filter(({ phase }) => phase === 'voter' || phase === 'learner')
      .map(({ name, alive, phase }): EtcdMemberView => ({
        id: `id-${name}`,
        name,
        started: true,
        learner: phase === 'learner',
        healthy: alive,
        peerUrls: [],
      }));
    const leader = members.find(({ healthy, learner }) => healthy && !learner)?.id;
    return { members, leader, alarms: [], observedAt: '', source: 'etcd' };
  }

  plan(): Move {
    const machines = this.hosts
      .filter(({ vanished }) => !vanished)
      .map((host): ControlPlaneMachine => ({
        name: host.name,
        createdAt: String(host.born).padStart(6, '0'),
        deleting: host.deletion !== 'none',
        awaitsHook: host.deletion === 'hook',
        released: host.deletion === 'released',
        upToDate: host.generation === this.generation,
        ready: host.phase === 'voter' && host.alive,
        failed: host.failed,
      }));
    return planControlPlane(
      { machines, etcd: this.view(), initialized: this.initialized },
      {
        controlPlane: 'cp',
        uid: 'u',
        replicas: this.replicas,
        strategy: this.strategy,
        counter: this.counter,
      },
    );
  }

  obey(move: Move): void {
    const host = 'name' in move ? this.hosts.find(({ name }) => name === move.name) : undefined;
    if (move.kind === 'add') this.add(move.name, move.ordinal);
    if (move.kind === 'remove' && host) host.deletion = 'draining';
    if (move.kind === 'leave' && host) host.phase = 'left';
    if (move.kind === 'evict') this.hosts = this.hosts.filter(({ name }) => `id-${name}` !== move.memberId);
    if (move.kind === 'release' && host) host.deletion = 'released';
    if (move.kind === 'update') for (const one of this.hosts) one.generation = this.generation;
  }

  private add(name: string, ordinal: number): void {
    this.hosts.push({
      name,
      born: this.clock,
      generation: this.generation,
      alive: true,
      failed: false,
      vanished: false,
      phase: 'booting',
      deletion: 'none',
      bootTicks: ordinal % 3,
      patience: ordinal % 4,
    });
    this.everNamed.push(name);
    this.counter = ordinal + 1;
  }

  /** One run, held to what must be true of every move. */
  step(): Move {
    const before = { quorum: this.hasQuorum(), voters: this.voters().length, counted: this.counted() };
    const move = this.plan();
    this.obey(move);
    if (move.kind === 'leave' || move.kind === 'evict') {
      expect(this.voters().length).toBeGreaterThan(0);
      if (before.quorum) expect(this.hasQuorum()).toBe(true);
    }
    if (move.kind === 'add') expect(this.counted()).toBeLessThanOrEqual(Math.max(before.counted, this.replicas + 1));
    if (move.kind === 'add') expect(this.hosts.filter(joins)).toHaveLength(1);
    if (move.kind === 'release' && before.voters > 0) expect(this.voters().length).toBeGreaterThan(0);
    expect(new Set(this.everNamed).size).toBe(this.everNamed.length);
    return move;
  }

  private counted = (): number =>
    this.hosts.filter(({ deletion, vanished }) => deletion !== 'released' && !vanished).length;
}

/** Machines on their way in: there is never more than one. */
const joins = ({ deletion, phase, vanished }: Host): boolean => deletion === 'none' && phase !== 'voter' && !vanished;

const which = fc.nat({ max: 10 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ what: fc.constant('scale' as const), to: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ what: fc.constant('change' as const) }),
  fc.record({ what: fc.constantFrom('delete' as const, 'kill' as const, 'fail' as const, 'vanish' as const), which }),
  fc.record({ what: fc.constantFrom('heal' as const, 'wait' as const) }),
);

describe('planControlPlane, whatever happens', () => {
  it('never loses quorum, never has more than one machine too many, and arrives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('InPlace' as const, 'Recreate' as const, 'RecreateDeleteFirst' as const),
        fc.array(fc.tuple(happening, fc.nat({ max: 3 })), { maxLength: 40 }),
        (replicas, strategy, history) => {
          const world = new World(replicas, strategy);
          for (const [event, steps] of history) {
            world.happen(event);
            for (let i = 0; i < steps; i += 1) {
              world.step();
              world.tick();
            }
          }
          world.happen({ what: 'heal' });
          let quiet = 0;
          let last: Move = { kind: 'settled' };
          for (let i = 0; i < 400 && quiet < 6; i += 1) {
            last = world.step();
            world.tick();
            quiet = last.kind === 'settled' ? quiet + 1 : 0;
          }
          expect(last).toEqual({ kind: 'settled' });
          expect(world.hosts).toHaveLength(world.replicas);
          expect(
            world.hosts.every(({ generation, phase }) => generation === world.generation && phase === 'voter'),
          ).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
