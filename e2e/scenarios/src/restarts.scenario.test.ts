import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  finalizers,
  K0sControllerConfig,
  K0sControlPlane,
  Machine as CapiMachine,
  RemoteMachine,
} from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { membersOn } from './cluster/etcd-members.ts';
import {
  countingBootstraps,
  expectExactly,
  expectInstalledOnce,
  expectKnownToK0s,
  expectNoToken,
} from './cluster/exactly-once.ts';
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
import { startAgain, stopAtOnce } from './cluster/services-at-once.ts';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { services, type ServiceName } from './system/services.ts';
import { startSystem, type System } from './system/start-system.ts';

const minutes = 60_000;
const tokenAnnotation = 'bootstrap.k0smotron.io/join-token-id';

describeOnK0s('services that are ended without warning while a control plane grows', () => {
  let system: System;
  let ground: Ground;
  let workload: KubeClient;
  let follower: NodeJS.Timeout;

  const list = <T extends KubeObject>(kind: Kind<T>): Promise<readonly T[]> =>
    system.kube.list(kind, { namespace: 'default' });

  /** Ends services at a moment, which once reached is not passed by unseen, and starts them again at once. */
  const crash = async (names: readonly ServiceName[], moment: string, reached: () => Promise<boolean>) => {
    await eventually(
      async () => {
        if (!(await reached())) throw new Error('not yet');
      },
      { timeoutMs: 2 * minutes, everyMs: 10, what: moment },
    );
    await Promise.all(names.map((name) => stopAtOnce(system, name)));
    await Promise.all(names.map((name) => startAgain(system, name)));
    console.log(`${names.join(', ')} ended: ${moment}`);
  };

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem();
    ground = await prepareGround(system, 3);
    follower = setInterval(() => void followControllers(system, ground.loadBalancer).catch(() => undefined), 250);
    const manifests = countingBootstraps(await controlPlaneManifests(ground.values));
    await applyManifests(system, [...pooledMachines('default', ground.machines), ...manifests]);
    const wanted = { type: 'Available', status: 'True', timeoutMs: 2 * minutes };
    await waitForCondition(system.kube, K0sControlPlane, clusterKey, wanted);
    workload = await workloadClient(system);
  }, 4 * minutes);

  afterAll(async () => {
    clearInterval(follower);
    await workload?.close();
    await ground?.close();
    await system?.close();
  }, 2 * minutes);

  it(
    'bring it to three controllers all the same',
    async () => {
      const startedAt = performance.now();
      await system.kube.patch(K0sControlPlane, clusterKey, { type: 'merge', body: { spec: { replicas: 3 } } });
      await crash(['control-plane'], 'the second controller is half made', async () => {
        return (await list(RemoteMachine)).length > 1;
      });
      await crash(['bootstrap'], 'it has written down which token it is about to mint', async () => {
        return (await list(K0sControllerConfig)).some(({ metadata }) => metadata.annotations?.[tokenAnnotation]);
      });
      await crash(['infrastructure'], 'the script runs on the host', async () => {
        const running = (machine: RemoteMachine): boolean =>
          machine.spec.providerID !== undefined || conditionOf(machine, 'BootstrapExecSucceeded')?.reason === 'Running';
        return (await list(RemoteMachine)).filter(running).length > 1;
      });
      await crash(['control-plane', 'etcd-snapshot'], 'the new member joins etcd', async () => {
        return (await list(RemoteMachine)).filter(({ spec }) => spec.providerID !== undefined).length > 1;
      });
      const all = services.map(({ name }) => name);
      await crash(all, 'the third controller has a Machine', async () => (await list(CapiMachine)).length > 2);
      await waitForControllers(system, 3);
      console.log(`1 → 3 with five crashes ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    },
    4 * minutes,
  );

  it('leave exactly three of everything', async () => {
    const machines = await expectExactly(system, ground, 3);
    for (const host of ground.machines) expect(await membersOn(host)).toEqual(machines);
    await eventually(() => expectKnownToK0s(workload, machines), {
      timeoutMs: 60_000,
      everyMs: 250,
      what: 'k0s to know its controllers',
    });
  });

  it('install k0s once on each host', () => expectInstalledOnce(ground));

  it('leave no token behind', () =>
    eventually(
      async () => {
        await expectNoToken(workload);
        for (const { metadata } of await list(K0sControllerConfig)) {
          expect(metadata.annotations?.[tokenAnnotation]).toBeUndefined();
          expect(metadata.finalizers ?? []).not.toContain(finalizers.joinToken);
        }
      },
      { timeoutMs: minutes, everyMs: 250, what: 'no token' },
    ));
});
