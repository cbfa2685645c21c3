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
import { makeMortal, type MortalSystem } from './mortal-system.ts';
import { tally } from './tally.ts';

const minutes = 60_000;
/** What `k0s install` leaves by itself: system users, and the counting file of this test. */
const justified =
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?:|^\/etc\/\.pwd\.lock:|^\/var\/tmp\/bootstraps:/;
const describeOnK0s = k0sVersions().includes(defaultK0sVersion) ? describe : describe.skip;

describeOnK0s(`four services that die all the time, on k0s ${defaultK0sVersion}`, () => {
  let system: System;
  let ground: Ground;
  let workload: KubeClient | undefined;
  let mortal: MortalSystem | undefined;
  let before: readonly Picture[];
  let follower: NodeJS.Timeout;

  const list = <T extends KubeObject>(kind: Kind<T>): Promise<readonly T[]> =>
    system.kube.list(kind, { namespace: 'default' });
  const scale = (replicas: number) =>
    system.kube.patch(K0sControlPlane, clusterKey, { type: 'merge', body: { spec: { replicas } } });

  /** Everything there is once for each controller, and nothing else. */
  const expectAll = async (count: number): Promise<void> => {
    const client = (workload ??= await workloadClient(system));
    await expectKnownToK0s(client, await expectExactly(system, ground, count));
    await expectNoToken(client);
  };
  const expectInTime = (count: number): Promise<void> =>
    eventually(() => expectAll(count), { timeoutMs: 2 * minutes, everyMs: 500, what: `${count} of everything` });

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem();
    ground = await prepareGround(system, 3);
    before = await Promise.all(ground.machines.map(pictureOf));
    follower = setInterval(() => void followControllers(system, ground.loadBalancer).catch(() => undefined), 250);
    const manifests = countingBootstraps(await controlPlaneManifests(ground.values));
    await applyManifests(system, [...pooledMachines('default', ground.machines), ...manifests]);
    mortal = await makeMortal(system, {
      bootstrap: { first: 1, later: [3, 5, 8, 13] },
      infrastructure: { first: 5, later: [12, 40, 120, 17, 150] },
      'control-plane': { first: 3, later: [12, 40, 120, 17, 150] },
      'etcd-snapshot': { first: 2, later: [5] },
    });
  }, 5 * minutes);

  afterAll(async () => {
    clearInterval(follower);
    const traces = [...(mortal?.traces() ?? [])];
    for (const [name, { effects, kills }] of traces)
      console.log(`${name}: ${effects.length} effects, ${kills.length} deaths`);
    tally(
      'control-plane',
      traces.flatMap(([, { kills }]) => kills),
    );
    await mortal?.end().catch((error: unknown) => console.log(error));
    await workload?.close();
    await ground?.close();
    await system?.close();
  }, 2 * minutes);

  it(
    'make one controller',
    async () => {
      await waitForControllers(system, 1, 5 * minutes);
      await expectInTime(1);
    },
    8 * minutes,
  );

  it(
    'make three of it, each installed once',
    async () => {
      await scale(3);
      await waitForControllers(system, 3, 6 * minutes);
      await expectInTime(3);
      const machines = namesOf(await list(CapiMachine));
      for (const host of ground.machines) expect(await membersOn(host)).toEqual(machines);
      await expectInstalledOnce(ground);
    },
    9 * minutes,
  );

  it(
    'make one of three',
    async () => {
      await scale(1);
      await waitForControllers(system, 1, 6 * minutes);
      await expectInTime(1);
    },
    9 * minutes,
  );

  it(
    'leave nothing of a deleted cluster',
    async () => {
      await system.kube.remove(Cluster, clusterKey);
      await eventually(
        async () => {
          expect(await system.kube.get(Cluster, clusterKey)).toBeUndefined();
          const left = [await list(CapiMachine), await list(RemoteMachine), await list(K0sControllerConfig)].flat();
          expect(namesOf(left)).toEqual([]);
          expect(namesOf(await list(Secret))).toEqual(ground.machines.map((host) => `default-${host.name}-key`).sort());
        },
        { timeoutMs: 4 * minutes, everyMs: 250, what: 'the end of the cluster' },
      );
      for (const { status } of await list(PooledRemoteMachine)) expect(status).toMatchObject({ reserved: false });
      for (const [at, host] of ground.machines.entries()) {
        const left = differences(before[at] as Picture, await pictureOf(host));
        expect(left.filter((line) => !justified.test(line))).toEqual([]);
      }
    },
    6 * minutes,
  );
});
