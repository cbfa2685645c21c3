import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Change } from './classify.ts';
import type { ControlPlaneMachine, DesiredControlPlane, Move } from './control-plane.ts';
import type { EtcdMemberView, EtcdView } from './etcd-view.ts';
import { quorumOf } from './gate.ts';
import { machineName } from './machine-name.ts';
import { planControlPlane } from './plan-control-plane.ts';
import type { RemediationPolicy, RemediationRecord } from './remediation.ts';

const minuteMs = 60_000;
const naming = { controlPlane: 'cp', uid: 'u' };

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
  readonly replaces?: RemediationRecord;
}

type Happening =
  | { readonly what: 'scale'; readonly to: number }
  | { readonly what: 'change'; readonly to: 'version' | 'template' | 'broken version' }
  | { readonly what: 'delete' | 'kill' | 'fail' | 'vanish'; readonly which: number }
  | { readonly what: 'heal' | 'wait' };

/** A control plane whose hosts die, whose users change their minds, and which obeys the planner. */
class World {
  hosts: Host[] = [];
  readonly everNamed: string[] = [];
  replicas: number;
  readonly strategy: DesiredControlPlane['strategy'];
  readonly policy: RemediationPolicy;
  generation = 0;
  /** Hosts from before this one cannot be updated in place. */
  template = 0;
  /** Hosts of these never come up. */
  readonly broken = new Set<number>();
  remediation: RemediationRecord | undefined;
  counter = 0;
  clock = 0;
  initialized = false;

  constructor(replicas: number, strategy: DesiredControlPlane['strategy'], policy: RemediationPolicy) {
    this.replicas = replicas;
    this.strategy = strategy;
    this.policy = policy;
  }

  voters = (): Host[] => this.hosts.filter(({ phase }) => phase === 'voter');
  hasQuorum = (): boolean => this.voters().filter(({ alive }) => alive).length >= quorumOf(this.voters().length);

  happen(happening: Happening): void {
    if (happening.what === 'scale') this.replicas = happening.to;
    if (happening.what === 'change') this.change(happening.to);
    if (happening.what === 'heal') this.heal();
    if (!('which' in happening)) return;
    const host = this.hosts[happening.which % Math.max(this.hosts.length, 1)];
    if (!host) return;
    if (happening.what === 'delete' && host.deletion === 'none') host.deletion = 'draining';
    if (happening.what === 'fail' && !host.alive) host.failed = true;
    if (happening.what === 'kill' || happening.what === 'vanish') this.hurt(host, happening.what === 'vanish');
  }

  private change(to: 'version' | 'template' | 'broken version'): void {
    this.generation += 1;
    if (to === 'template') this.template = this.generation;
    if (to === 'broken version') this.broken.add(this.generation);
  }

  /** Who can live lives again; who never came up is given up by a health check. */
  private heal(): void {
    for (const host of this.hosts) {
      host.alive = !host.vanished;
      host.failed = this.broken.has(host.generation) && host.phase === 'booting';
    }
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
    // The life after a crash notes what the one before has made.
    if (this.everNamed.includes(machineName(naming, this.counter))) this.noteAddition(this.counter);
    for (const host of this.hosts) {
      this.live(host);
      if (host.deletion === 'released') host.patience -= 1;
      if (host.deletion === 'draining') host.deletion = 'hook';
    }
    this.hosts = this.hosts.filter(({ deletion, patience }) => deletion !== 'released' || patience > 0);
  }

  private live(host: Host): void {
    // A released host is being cleaned, and nobody asks it any more.
    const canJoin = host.alive && host.deletion !== 'released' && (!this.initialized || this.hasQuorum());
    if (host.phase === 'learner' && canJoin) host.phase = 'voter';
    const boots = host.phase === 'booting' && canJoin && !this.broken.has(host.generation);
    if (boots && (host.bootTicks -= 1) < 0) host.phase = this.initialized ? 'learner' : 'voter';
    if (host.phase === 'voter') this.initialized = true;
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
        change: this.changeOf(host),
        ready: host.phase === 'voter' && host.alive,
        failed: host.failed,
        ...(host.replaces ? { replaces: host.replaces } : {}),
      }));
    return planControlPlane(
      {
        machines,
        etcd: this.view(),
        initialized: this.initialized,
        nowMs: this.clock * minuteMs,
        ...(this.remediation ? { remediation: this.remediation } : {}),
      },
      {
        ...naming,
        replicas: this.replicas,
        strategy: this.strategy,
        counter: this.counter,
        remediation: this.policy,
      },
    );
  }

  private changeOf(host: Host): Change {
    if (host.generation === this.generation) return 'nothing';
    return host.generation < this.template ? 'replace' : 'in place';
  }

  /** `crashes`: the process dies before it has written down what it did. */
  obey(move: Move, crashes: boolean): void {
    if (move.kind === 'add') this.add(move, crashes);
    if (move.kind === 'remove') this.remediation = move.remediation ?? this.remediation;
    if (move.kind === 'evict') this.hosts = this.hosts.filter(({ name }) => `id-${name}` !== move.memberId);
    const host = 'name' in move ? this.hosts.find(({ name }) => name === move.name) : undefined;
    if (host && !(move.kind === 'remove' && crashes)) this.treat(host, move.kind);
  }

  private treat(host: Host, kind: Move['kind']): void {
    if (kind === 'remove') host.deletion = 'draining';
    if (kind === 'leave') host.phase = 'left';
    if (kind === 'release') host.deletion = 'released';
    if (kind === 'update' && !this.broken.has(this.generation)) host.generation = this.generation;
  }

  private add({ name, ordinal, replaces }: Extract<Move, { kind: 'add' }>, crashes: boolean): void {
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
      ...(replaces ? { replaces } : {}),
    });
    this.everNamed.push(name);
    if (!crashes) this.noteAddition(ordinal);
  }

  private noteAddition(ordinal: number): void {
    this.counter = ordinal + 1;
    this.remediation = undefined;
  }

  /** One run, held to what must be true of every move. */
  step(crashes = false): Move {
    const before = { quorum: this.hasQuorum(), voters: this.voters().length, counted: this.counted() };
    const move = this.plan();
    this.obey(move, crashes);
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
  fc.record({
    what: fc.constant('change' as const),
    to: fc.constantFrom('version' as const, 'template' as const, 'broken version' as const),
  }),
  fc.record({ what: fc.constantFrom('delete' as const, 'kill' as const, 'fail' as const, 'vanish' as const), which }),
  fc.record({ what: fc.constantFrom('heal' as const, 'wait' as const) }),
);

describe('planControlPlane, whatever happens', () => {
  it('never loses quorum, never has more than one machine too many, and arrives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('InPlace' as const, 'Recreate' as const, 'RecreateDeleteFirst' as const),
        fc.constantFrom({}, { maxRetry: 1 }, { retryPeriodMs: 5 * minuteMs, minHealthyPeriodMs: 10 * minuteMs }),
        fc.array(fc.tuple(happening, fc.nat({ max: 3 }), fc.boolean()), { maxLength: 40 }),
        (replicas, strategy, policy, history) => {
          const world = new World(replicas, strategy, policy);
          for (const [event, steps, crashes] of history) {
            world.happen(event);
            for (let i = 0; i < steps; i += 1) {
              world.step(crashes && i === 0);
              world.tick();
            }
          }
          if (world.broken.has(world.generation)) world.happen({ what: 'change', to: 'version' });
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
      { numRuns: process.env['K0SMOTRON_TEST_FULL'] ? 10_000 : 300 },
    );
  });
});
