import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { annotations, K0sControlPlane, Machine as CapiMachine, RemoteMachine } from '@k0smotron/api';
import { isDeleting } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { Machine } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { membersOn } from './cluster/etcd-members.ts';
import {
  clusterKey,
  conditionOf,
  followControllers,
  prepareGround,
  waitForCondition,
  waitForControllers,
  workloadClient,
  type Ground,
} from './cluster/lab-cluster.ts';
import { controlPlaneManifests, pooledMachines } from './cluster/manifests.ts';
import { describeOnK0s } from './cluster/real-k0s.ts';
import { gapText, lostWrites, startSteadyWriter, type SteadyWriter } from './cluster/steady-writer.ts';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { startSystem, type System } from './system/start-system.ts';

const minutes = 60_000;
/**
 * The second controller costs 7 to 10 s without writes: k0s 1.34 adds it as a voter before its etcd runs, so there is no
 * quorum, and etcd 3.6 asks the other member something at its start that needs one and waits 7 s for the answer.
 */
const longestGapOfJoinMs = 20_000;
/** A write that is under way to the API server of a leaving controller hangs until the writer's own limit of 3 s. */
const longestGapOfLeaveMs = 20_000;

describeOnK0s('a control plane on machines', () => {
  let system: System;
  let ground: Ground;
  let workload: KubeClient;
  let writer: SteadyWriter;
  let follower: NodeJS.Timeout;

  const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
  const scale = (replicas: number) =>
    system.kube.patch(K0sControlPlane, clusterKey, { type: 'merge', body: { spec: { replicas } } });
  const controllers = async (): Promise<readonly CapiMachine[]> =>
    (await system.kube.list(CapiMachine, { namespace: 'default' })).filter((machine) => !isDeleting(machine));
  const namesOf = (machines: readonly CapiMachine[]): string[] => machines.map(({ metadata }) => metadata.name).sort();
  const hostOf = async (name: string): Promise<Machine | undefined> => {
    const remote = await system.kube.get(RemoteMachine, { namespace: 'default', name });
    return ground.machines.find(({ address }) => address === remote?.spec.address);
  };

  /** Every controller's etcd knows exactly the members that there are Machines. */
  const expectMembers = async (): Promise<void> => {
    const names = namesOf(await controllers());
    for (const name of names)
      expect({ on: name, members: await membersOn(await hostOf(name)) }).toEqual({ on: name, members: names });
  };

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem();
    ground = await prepareGround(system, 4);
    follower = setInterval(() => void followControllers(system, ground.loadBalancer).catch(() => undefined), 250);
    await applyManifests(system, [
      ...pooledMachines('default', ground.machines),
      ...(await controlPlaneManifests(ground.values)),
    ]);
  }, 3 * minutes);

  afterAll(async () => {
    clearInterval(follower);
    await writer?.stop();
    await workload?.close();
    await ground?.close();
    await system?.close();
  }, 2 * minutes);

  it(
    'begins with one controller',
    async () => {
      const startedAt = performance.now();
      const wanted = { type: 'Available', status: 'True', timeoutMs: 2 * minutes };
      await waitForCondition(system.kube, K0sControlPlane, clusterKey, wanted);
      console.log(`apply → Available ${seconds(startedAt)}`);
      workload = await workloadClient(system);
      writer = startSteadyWriter(workload);
      await expectMembers();
    },
    3 * minutes,
  );

  it(
    'grows to three, one member after the other',
    async () => {
      const startedAt = performance.now();
      await scale(3);
      await waitForControllers(system, 3);
      const gap = writer.takeLongestGap();
      console.log(`1 → 3 ${seconds(startedAt)}, ${gapText(gap)}`);
      expect(gap.ms).toBeLessThan(longestGapOfJoinMs);
      await expectMembers();
    },
    4 * minutes,
  );

  it(
    'replaces a controller that somebody deletes, after it has left etcd',
    async () => {
      const startedAt = performance.now();
      const before = namesOf(await controllers());
      const [victim = '', other = ''] = before;
      const key = { namespace: 'default', name: victim };
      await system.controlPlane.kubectl('delete', 'machine', victim, '--wait=false');
      await eventually(
        async () => {
          const machine = await system.kube.get(CapiMachine, key);
          expect(machine?.metadata.annotations?.[annotations.preTerminateHook]).toBeUndefined();
        },
        { timeoutMs: minutes, what: 'the hook to be taken away' },
      );
      expect(await membersOn(await hostOf(other))).not.toContain(victim);
      await eventually(async () => expect(await system.kube.get(CapiMachine, key)).toBeUndefined(), {
        timeoutMs: 2 * minutes,
        everyMs: 200,
        what: 'the Machine to be gone',
      });
      await waitForControllers(system, 3);
      const gap = writer.takeLongestGap();
      console.log(`delete one of three → replaced ${seconds(startedAt)}, ${gapText(gap)}`);
      expect(gap.ms).toBeLessThan(longestGapOfLeaveMs);
      const after = namesOf(await controllers());
      expect(after.filter((name) => before.includes(name)).length).toBe(2);
      await expectMembers();
    },
    5 * minutes,
  );

  it(
    'shrinks from three to one in two steps when told so in one',
    async () => {
      const startedAt = performance.now();
      await expectMembers();
      const counts = [(await controllers()).length];
      await scale(1);
      await eventually(
        async () => {
          const [name = ''] = namesOf(await controllers());
          const { length } = await membersOn(await hostOf(name));
          if (length > 0 && counts.at(-1) !== length) counts.push(length);
          expect(length).toBe(1);
        },
        { timeoutMs: 2 * minutes, everyMs: 100, what: 'one member' },
      );
      expect(counts).toEqual([3, 2, 1]);
      await waitForControllers(system, 1);
      await eventually(
        async () => expect((await system.kube.list(RemoteMachine, { namespace: 'default' })).length).toBe(1),
        {
          timeoutMs: 2 * minutes,
          everyMs: 200,
          what: 'the hosts of the others to be free',
        },
      );
      const gap = writer.takeLongestGap();
      console.log(`3 → 1 ${seconds(startedAt)}, ${gapText(gap)}`);
      expect(gap.ms).toBeLessThan(longestGapOfLeaveMs);
      await expectMembers();
    },
    5 * minutes,
  );

  it(
    'lets nobody join while etcd could not be reached, says which port, and goes on once it is open',
    async () => {
      const [last] = await controllers();
      const sponsor = await hostOf(last?.metadata.name ?? '');
      const free = ground.machines.filter((machine) => machine !== sponsor);
      for (const machine of free) {
        const blocked = await machine.exec('iptables -I INPUT -p tcp --dport 2380 -j DROP');
        expect(blocked).toMatchObject({ code: 0 });
      }
      await scale(2);
      const wanted = { type: 'ScalingUp', status: 'True', reason: 'ScalingUp' };
      await eventually(
        async () => {
          const plane = await waitForCondition(system.kube, K0sControlPlane, clusterKey, wanted);
          expect(conditionOf(plane, 'ScalingUp')?.message).toMatch(/cannot join yet: .* does not reach .* on TCP 2380/);
        },
        { timeoutMs: minutes, everyMs: 250, what: 'a message that names the port' },
      );
      expect(await membersOn(sponsor)).toEqual([last?.metadata.name]);
      for (const machine of free) await machine.exec('iptables -D INPUT -p tcp --dport 2380 -j DROP');
      await waitForControllers(system, 2);
      await expectMembers();
    },
    4 * minutes,
  );

  it(
    'has lost no acknowledged write on the way',
    async () => {
      await writer.stop();
      console.log(`${writer.acknowledged.length} writes, ${gapText(writer.takeLongestGap())}`);
      expect(writer.acknowledged.length).toBeGreaterThan(100);
      expect(await lostWrites(workload, writer)).toEqual([]);
    },
    minutes,
  );
});
