import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Cluster,
  finalizers,
  K0sControllerConfig,
  K0sControlPlane,
  K0sWorkerConfig,
  Machine as CapiMachine,
  RemoteCluster,
  RemoteMachine,
} from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { hostlessCluster, hostlessWorker } from './cluster/hostless-cluster.ts';
import { conditionOf, waitForCondition } from './cluster/lab-cluster.ts';
import { reconciles, resourceVersions } from './cluster/watched-objects.ts';
import { inDefault } from './remote-machine/observe.ts';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { startSystem, type System } from './system/start-system.ts';

const name = 'held';
const paused = 'cluster.x-k8s.io/paused';
const kinds: readonly Kind<KubeObject>[] = [
  RemoteCluster,
  K0sControlPlane,
  K0sControllerConfig,
  K0sWorkerConfig,
  RemoteMachine,
];
const controllers = [
  ['infrastructure', 'remote-cluster'],
  ['infrastructure', 'remote-machine'],
  ['control-plane', 'k0s-control-plane'],
  ['bootstrap', 'k0s-controller-config'],
  ['bootstrap', 'k0s-worker-config'],
] as const;

describe('a cluster that is paused', () => {
  let system: System;

  const objects = async (): Promise<(readonly [Kind<KubeObject>, KubeObject])[]> =>
    (
      await Promise.all(
        kinds.map(async (kind) =>
          (await system.kube.list(kind, { namespace: 'default' })).map((object) => [kind, object] as const),
        ),
      )
    ).flat();
  const annotateAll = async (value: string | null): Promise<void> => {
    const body = { metadata: { annotations: { [paused]: value } } };
    for (const [kind, { metadata }] of await objects()) {
      await system.kube.patch(kind, inDefault(metadata.name), { type: 'merge', body });
    }
  };
  const pauseCluster = (value: boolean) =>
    system.kube.patch(Cluster, inDefault(name), { type: 'merge', body: { spec: { paused: value } } });
  const planeMachines = async (): Promise<readonly CapiMachine[]> =>
    system.kube.list(CapiMachine, { namespace: 'default', labelSelector: 'cluster.x-k8s.io/control-plane' });
  const isGone = async (kind: Kind<KubeObject>, key: string): Promise<void> =>
    expect(await system.kube.get(kind, inDefault(key))).toBeUndefined();

  /** Waits for a control plane of one Machine and the worker, all as far as they come without a host. */
  const settled = (worker: string): Promise<string> =>
    eventually(
      async () => {
        const [machine] = await planeMachines();
        const controller = machine?.metadata.name ?? '';
        for (const each of [worker, controller]) {
          const remote = await system.kube.get(RemoteMachine, inDefault(each));
          expect(conditionOf(remote, 'HostReserved')?.reason).toBe('PoolExhausted');
        }
        const config = await system.kube.get(K0sControllerConfig, inDefault(controller));
        expect(conditionOf(config, 'DataSecretAvailable')?.status).toBe('True');
        const workerConfig = await system.kube.get(K0sWorkerConfig, inDefault(worker));
        expect(conditionOf(workerConfig, 'DataSecretAvailable')?.reason).toBe('WaitingForControlPlaneInitialization');
        const cluster = await system.kube.get(Cluster, inDefault(name));
        expect(cluster?.status?.initialization?.infrastructureProvisioned).toBe(true);
        return controller;
      },
      { timeoutMs: 60_000, everyMs: 100, what: 'everything to wait for a host' },
    );

  /** Leaves each of our services something that it would do at once. */
  const makeWork = async (controller: string, worker: string): Promise<void> => {
    const { kube } = system;
    const empty = { type: 'merge', body: { status: { initialization: null } } } as const;
    await kube.patch(RemoteCluster, inDefault(name), empty, { subresource: 'status' });
    const held = { type: 'merge', body: { metadata: { finalizers: [finalizers.joinToken] } } } as const;
    for (const [kind, key] of [
      [K0sControllerConfig, controller],
      [K0sWorkerConfig, worker],
    ] as const) {
      await kube.patch(kind, inDefault(key), held);
      await kube.remove(kind, inDefault(key));
    }
    await kube.remove(RemoteMachine, inDefault(worker));
    // By force, as somebody in despair would: the control plane makes another one.
    await kube.remove(CapiMachine, inDefault(controller));
    await kube.patch(CapiMachine, inDefault(controller), { type: 'merge', body: { metadata: { finalizers: null } } });
    await eventually(() => isGone(CapiMachine, controller), { what: 'the Machine to be gone' });
  };

  /** What our kinds look like after every one of our controllers has been woken and has run. */
  const versionsAfterWaking = async (poke: string): Promise<Readonly<Record<string, string>>> => {
    const counts = () =>
      Promise.all(controllers.map(([service, controller]) => reconciles(system, service, controller)));
    const before = await counts();
    await system.controlPlane.kubectl('annotate', 'cluster', name, `test.k0smotron.io/poke=${poke}`, '--overwrite');
    await system.controlPlane.kubectl('annotate', 'machines', '--all', `test.k0smotron.io/poke=${poke}`, '--overwrite');
    await eventually(
      async () => {
        for (const [at, count] of (await counts()).entries()) expect(count).toBeGreaterThan(before[at] ?? 0);
      },
      { timeoutMs: 30_000, what: 'every controller to have run' },
    );
    const all = Object.entries(await resourceVersions(system));
    return Object.fromEntries(all.filter(([key]) => !/^(Cluster|Machine)\//.test(key)));
  };

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem();
    await applyManifests(system, hostlessCluster(name));
  }, 180_000);
  afterAll(() => system?.close());

  it.each([
    {
      by: 'spec.paused of the Cluster',
      worker: 'one',
      says: 'Cluster spec.paused is set to true',
      hold: () => pauseCluster(true),
      letGo: () => pauseCluster(false),
    },
    {
      by: 'the annotation on each object',
      worker: 'two',
      says: `has the ${paused} annotation`,
      hold: () => annotateAll('false'), // any value counts
      letGo: () => annotateAll(null),
    },
  ])(
    'by $by is not acted on, says so, and goes on after',
    async ({ worker, says, hold, letGo }) => {
      await applyManifests(system, hostlessWorker(name, worker));
      const controller = await settled(worker);
      await hold();
      for (const [kind, { metadata }] of await objects()) {
        const wanted = { type: 'Paused', status: 'True', reason: 'Paused' };
        const object = await waitForCondition(system.kube, kind, inDefault(metadata.name), wanted);
        expect(conditionOf(object, 'Paused')?.message).toContain(says);
      }

      await makeWork(controller, worker);
      const before = await versionsAfterWaking('first');
      expect(await versionsAfterWaking('second')).toEqual(before);
      for (const key of [`K0sControllerConfig/${controller}`, `K0sWorkerConfig/${worker}`, `RemoteMachine/${worker}`]) {
        expect(Object.keys(before)).toContain(key);
      }
      expect(await planeMachines()).toEqual([]);
      expect((await system.kube.get(RemoteCluster, inDefault(name)))?.status?.initialization).toBeUndefined();

      await letGo();
      await eventually(
        async () => {
          await isGone(K0sControllerConfig, controller);
          await isGone(K0sWorkerConfig, worker);
          await isGone(RemoteMachine, worker);
          expect((await planeMachines()).map(({ metadata }) => metadata.name)).toEqual([
            expect.not.stringMatching(controller),
          ]);
          const cluster = await system.kube.get(RemoteCluster, inDefault(name));
          expect(cluster?.status?.initialization?.provisioned).toBe(true);
        },
        { timeoutMs: 30_000, what: 'all that was put off' },
      );
      await eventually(
        async () => {
          for (const [, object] of await objects()) {
            expect(conditionOf(object, 'Paused')).toMatchObject({ status: 'False', reason: 'NotPaused' });
          }
        },
        { timeoutMs: 20_000, what: 'every object to say that it is not paused' },
      );
      await system.kube.remove(CapiMachine, inDefault(worker));
    },
    120_000,
  );
});
