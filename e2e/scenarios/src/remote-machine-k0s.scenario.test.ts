import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster, K0sControlPlane, RemoteMachine } from '@k0smotron/api';
import { defaultK0sVersion, k0sVersions, type Machine } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import {
  clusterKey,
  conditionOf,
  prepareGround,
  waitForCondition,
  waitForNodes,
  workloadClient,
  type Ground,
} from './cluster/lab-cluster.ts';
import { controlPlaneManifests, pooledMachines, singleWorkerManifests } from './cluster/manifests.ts';
import { differences, pictureOf, type Picture } from './remote-machine/observe.ts';
import { startSystem, type System } from './system/start-system.ts';

const describeWithK0s = k0sVersions().includes(defaultK0sVersion) ? describe : describe.skip;

/**
 * What `k0s install` does to a host beside k0s and no clean-up undoes: system users, of which the tools keep a copy of the
 * files before (`-`). They hold no data, and another bootstrap of the host finds them as it would make them.
 */
const justified = /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?:|^\/etc\/\.pwd\.lock:/;

describeWithK0s('hosts that were controller and worker', () => {
  let system: System;
  let ground: Ground | undefined;

  beforeAll(async () => {
    system = await startSystem();
    ground = await prepareGround(system, 2);
  }, 300_000);
  afterAll(async () => {
    await ground?.close();
    await system?.close();
  });

  it('are as they were before, once their cluster is deleted', async () => {
    const { machines, values, loadBalancer } = ground as Ground;
    const [controller, worker] = machines as [Machine, Machine];
    loadBalancer.setBackends([controller.address]);
    const before = await Promise.all(machines.map(pictureOf));
    await applyManifests(system, [
      ...pooledMachines('default', [controller]),
      ...(await controlPlaneManifests(values)),
      ...(await singleWorkerManifests(values, worker)),
    ]);
    await waitForCondition(system.kube, K0sControlPlane, clusterKey, {
      type: 'Available',
      status: 'True',
      timeoutMs: 180_000,
    });
    const workload = await workloadClient(system);
    await waitForNodes(workload, 1, 120_000);
    await workload.close();

    await system.kube.remove(Cluster, clusterKey);
    await eventually(
      async () => {
        const [left] = await system.kube.list(RemoteMachine, { namespace: 'default' });
        if (left) throw new Error(`${left.metadata.name}: ${conditionOf(left, 'Ready')?.message}`);
      },
      { timeoutMs: 120_000, everyMs: 250, what: 'the clean-up of both' },
    );
    for (const [at, machine] of machines.entries()) {
      const left = differences(before[at] as Picture, await pictureOf(machine));
      expect(left.filter((line) => !justified.test(line))).toEqual([]);
      expect((await machine.exec('pgrep -f "[k]0s|[e]tcd|kube-[a]piserver|[c]ontainerd|[k]ubelet"')).code).not.toBe(0);
    }
  }, 500_000);
});
