import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
import { defaultK0sVersion, k0sVersions } from '@k0smotron/lab';
import {
  applyManifests,
  clusterKey,
  controlPlaneManifests,
  differences,
  ensureBundles,
  followControllers,
  membersOn,
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
  expectInstalledOnce,
  expectKnownToK0s,
  expectNoToken,
  namesOf,
} from '@k0smotron/scenarios/testing';
import { eventually } from '@k0smotron/testing';
import type { Mortality } from './mortal.ts';
import { makeMortal, type MortalSystem } from './mortal-system.ts';
import { tally } from './tally.ts';

const minutes = 60_000;
/** What `k0s install` leaves by itself: system users, and the counting file of this test. */
const justified =
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?:|^\/etc\/\.pwd\.lock:|^\/var\/tmp\/bootstraps:/;
/** Each life is longer than the one before, until one that comes through whatever is done anew in each; then short again. */
const lives: Mortality = { first: 1, later: [2, 3, 5, 8, 13, 1] };
/** A look at the hosts begins with two client certificates, and telling of both (audit) is a dozen effects. */
const livesOfControlPlane: Mortality = { first: 1, later: [14, 2, 17, 15, 7, 20, 13, 28, 4, 16, 11, 23] };
const describeOnK0s = k0sVersions().includes(defaultK0sVersion) ? describe : describe.skip;

describeOnK0s(`four services that die all the time, on k0s ${defaultK0sVersion}`, () => {
  let system: System;
  let ground: Ground;
  let workload: KubeClient | undefined;
  let mortal: MortalSystem | undefined;
  let before: readonly Picture[];
  let follower: NodeJS.Timeout;
  const kills: Record<string, readonly string[]> = {};

  const list = <T extends KubeObject>(kind: Kind<T>): Promise<readonly T[]> =>
    system.kube.list(kind, { namespace: 'default' });
  /** Until the service lives long enough to let it in. */
  const scale = (replicas: number) =>
    eventually(() => system.kube.patch(K0sControlPlane, clusterKey, { type: 'merge', body: { spec: { replicas } } }), {
      timeoutMs: minutes,
      what: `the service to take ${replicas} replicas`,
    });

  /** Everything there is once for each controller, and nothing else. */
  const expectAll = async (count: number): Promise<void> => {
    const client = (workload ??= await workloadClient(system));
    await expectKnownToK0s(client, await expectExactly(system, ground, count));
    await expectNoToken(client);
  };
  const expectNothingLeft = async (): Promise<void> => {
    expect(await system.kube.get(Cluster, clusterKey)).toBeUndefined();
    const left = [await list(CapiMachine), await list(RemoteMachine), await list(K0sControllerConfig)].flat();
    expect(namesOf(left)).toEqual([]);
    expect(namesOf(await list(Secret))).toEqual(ground.machines.map((host) => `default-${host.name}-key`).sort());
  };
  const expectInTime = (count: number): Promise<void> =>
    eventually(() => expectAll(count), { timeoutMs: minutes, everyMs: 500, what: `${count} of everything` });

  /** One part of the life of a control plane; deaths are counted by it. */
  const phase = (name: string, limitMs: number, live: () => Promise<void>): void =>
    it(
      `come through ${name}`,
      async () => {
        const startedAt = performance.now();
        try {
          await live();
        } finally {
          kills[name] = mortal?.takeKills() ?? [];
          console.log(
            `${name}: ${kills[name].length} deaths, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
          );
        }
      },
      limitMs,
    );

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem();
    ground = await prepareGround(system, 3);
    before = await Promise.all(ground.machines.map(pictureOf));
    follower = setInterval(() => void followControllers(system, ground.loadBalancer).catch(() => undefined), 250);
    const manifests = countingBootstraps(await controlPlaneManifests(ground.values));
    await applyManifests(system, [...pooledMachines('default', ground.machines), ...manifests]);
    mortal = await makeMortal(system, {
      bootstrap: lives,
      infrastructure: lives,
      'control-plane': livesOfControlPlane,
      'etcd-snapshot': { first: 2, later: [5] },
    });
  }, 5 * minutes);

  afterAll(async () => {
    clearInterval(follower);
    for (const [name, its] of mortal?.traces() ?? [])
      console.log(`${name}: ${its.effects.length} effects, ${its.kills.length} deaths`);
    tally('control-plane', kills);
    await mortal?.end().catch((error: unknown) => console.log(error));
    await workload?.close();
    await ground?.close();
    await system?.close();
  }, 2 * minutes);

  phase('provisioning', 4 * minutes, async () => {
    await waitForControllers(system, 1, 3 * minutes);
    await expectInTime(1);
  });

  phase('scale-up', 5 * minutes, async () => {
    await scale(3);
    await waitForControllers(system, 3, 4 * minutes);
    await expectInTime(3);
    const machines = namesOf(await list(CapiMachine));
    for (const host of ground.machines) expect(await membersOn(host)).toEqual(machines);
    await expectInstalledOnce(ground);
  });

  phase('scale-down', 4 * minutes, async () => {
    await scale(1);
    await waitForControllers(system, 1, 3 * minutes);
    await expectInTime(1);
  });

  phase('deletion', 4 * minutes, async () => {
    await system.kube.remove(Cluster, clusterKey);
    await eventually(expectNothingLeft, { timeoutMs: 3 * minutes, everyMs: 250, what: 'the end of the cluster' });
    for (const { status } of await list(PooledRemoteMachine)) expect(status).toMatchObject({ reserved: false });
    for (const [at, host] of ground.machines.entries()) {
      const left = differences(before[at] as Picture, await pictureOf(host));
      expect(left.filter((line) => !justified.test(line))).toEqual([]);
    }
  });
});
