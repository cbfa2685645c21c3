import { expect, it } from '@jest/globals';
import {
  Cluster,
  K0sControllerConfig,
  K0sControlPlane,
  Machine as CapiMachine,
  PooledRemoteMachine,
  RemoteMachine,
  Secret,
} from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import {
  applyManifests,
  clusterKey,
  controlPlaneManifests,
  differences,
  ensureBundles,
  followControllers,
  pictureOf,
  pooledMachines,
  prepareGround,
  startSystem,
  waitForControllers,
  workloadClient,
  type Ground,
  type Picture,
  type System,
} from '@k0smotron/scenarios';
import {
  countingBootstraps,
  expectExactly,
  expectKnownToK0s,
  expectNoToken,
  namesOf,
} from '@k0smotron/scenarios/testing';
import { eventually } from '@k0smotron/testing';
import type { Mortality } from './mortal.ts';
import { makeMortal, type MortalSystem } from './mortal-system.ts';
import { tally } from './tally.ts';

export const minutes = 60_000;
/** What `k0s install` leaves by itself: system users, and the counting file of this test. */
const justified =
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?:|^\/etc\/\.pwd\.lock:|^\/var\/tmp\/bootstraps:/;
/** Each life is longer than the one before, until one that comes through whatever is done anew in each; then short again. */
const lives: Mortality = { first: 1, later: [2, 3, 5, 8, 13, 34, 1], aims: true };
/**
 * A look at the hosts begins with two client certificates, and telling of both (audit) is a dozen effects: lives that end before
 * are left to the aims. A batch of the outbox is two dozen.
 */
const livesOfControlPlane: Mortality = { first: 1, later: [17, 28, 21, 14, 45, 24, 19], aims: true };

/** One control plane on real machines, with four services that die all the time. */
export class MortalPlane {
  readonly system: System;
  readonly ground: Ground;
  readonly #mortal: MortalSystem;
  readonly #before: readonly Picture[];
  readonly #follower: NodeJS.Timeout;
  readonly #kills: Record<string, readonly string[]> = {};
  #workload: KubeClient | undefined;

  private constructor(system: System, ground: Ground, mortal: MortalSystem, before: readonly Picture[]) {
    this.system = system;
    this.ground = ground;
    this.#mortal = mortal;
    this.#before = before;
    this.#follower = setInterval(() => void followControllers(system, ground.loadBalancer).catch(() => undefined), 250);
  }

  /** Boots three machines and creates a control plane of one controller; `prepare` is called before anything dies. */
  static async start(prepare: (system: System) => Promise<void> = () => Promise.resolve()): Promise<MortalPlane> {
    await ensureBundles();
    const system = await startSystem();
    const ground = await prepareGround(system, 3);
    const before = await Promise.all(ground.machines.map(pictureOf));
    await prepare(system);
    const manifests = countingBootstraps(await controlPlaneManifests(ground.values));
    await applyManifests(system, [...pooledMachines('default', ground.machines), ...manifests]);
    const mortal = await makeMortal(system, {
      bootstrap: lives,
      infrastructure: lives,
      'control-plane': livesOfControlPlane,
      'etcd-snapshot': { first: 2, later: [5] },
    });
    return new MortalPlane(system, ground, mortal, before);
  }

  /** The objects of a kind in the namespace of the cluster. */
  list<T extends KubeObject>(kind: Kind<T>): Promise<readonly T[]> {
    return this.system.kube.list(kind, { namespace: 'default' });
  }

  /** Until the service lives long enough to let it in. */
  async scale(replicas: number): Promise<void> {
    await eventually(
      () => this.system.kube.patch(K0sControlPlane, clusterKey, { type: 'merge', body: { spec: { replicas } } }),
      { timeoutMs: minutes, what: `the service to take ${replicas} replicas` },
    );
  }

  /** Waits until everything is there once for each of so many controllers, and nothing else. */
  async expectAll(count: number): Promise<void> {
    await waitForControllers(this.system, count, 12 * minutes);
    const all = async (): Promise<void> => {
      const client = (this.#workload ??= await workloadClient(this.system));
      await expectKnownToK0s(client, await expectExactly(this.system, this.ground, count));
      await expectNoToken(client);
    };
    await eventually(all, { timeoutMs: 4 * minutes, everyMs: 500, what: `${count} of everything` });
  }

  /** Deletes the Cluster and waits until nothing is left of it, on the hosts neither. */
  async expectDeleted(): Promise<void> {
    const { kube } = this.system;
    await kube.remove(Cluster, clusterKey);
    const nothingLeft = async (): Promise<void> => {
      expect(await kube.get(Cluster, clusterKey)).toBeUndefined();
      const left = [
        await this.list(CapiMachine),
        await this.list(RemoteMachine),
        await this.list(K0sControllerConfig),
      ].flat();
      expect(namesOf(left)).toEqual([]);
      const keys = this.ground.machines.map((host) => `default-${host.name}-key`);
      expect(namesOf(await this.list(Secret))).toEqual(keys.sort());
    };
    await eventually(nothingLeft, { timeoutMs: 12 * minutes, everyMs: 250, what: 'the end of the cluster' });
    for (const { status } of await this.list(PooledRemoteMachine)) expect(status).toMatchObject({ reserved: false });
    for (const [at, host] of this.ground.machines.entries()) {
      const left = differences(this.#before[at] as Picture, await pictureOf(host));
      expect(left.filter((line) => !justified.test(line))).toEqual([]);
    }
  }

  /** Counts the deaths since the phase before as those of this one. */
  endPhase(name: string): number {
    const kills = this.#mortal.takeKills();
    this.#kills[name] = kills;
    return kills.length;
  }

  /** How all lives ended so far, as `<moment> <kind of the last effect>`. */
  get ends(): ReadonlySet<string> {
    return new Set([...this.#mortal.traces().values()].flatMap(({ ends }) => ends));
  }

  /** Writes down the deaths, as those of this scenario, and takes everything down. */
  async close(scenario: string): Promise<void> {
    clearInterval(this.#follower);
    for (const [name, its] of this.#mortal.traces())
      console.log(`${name}: ${its.effects.length} effects, ${its.kills.length} deaths`);
    tally(scenario, this.#kills);
    await this.#mortal.end().catch((error: unknown) => console.log(error));
    await this.#workload?.close();
    await this.ground.close();
    await this.system.close();
  }
}

/** One part of the life of a control plane. */
type Phase = (name: string, limitMs: number, live: (plane: MortalPlane) => Promise<void>) => void;

/** Makes each part of its life a test; deaths are counted by it. */
export const phasesOf =
  (plane: () => MortalPlane): Phase =>
  (name, limitMs, live) =>
    it(
      `come through ${name}`,
      async () => {
        const startedAt = performance.now();
        try {
          await live(plane());
        } finally {
          const deaths = plane().endPhase(name);
          console.log(`${name}: ${deaths} deaths, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
        }
      },
      limitMs,
    );
