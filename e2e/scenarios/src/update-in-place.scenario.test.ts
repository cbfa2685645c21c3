import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { annotations, K0sControlPlane, KubeEvent, Machine as CapiMachine, RemoteMachine } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import { defaultK0sVersion } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { startK0sMirror, type K0sMirror } from './cluster/k0s-mirror.ts';
import {
  clusterKey,
  conditionOf,
  followControllers,
  prepareGround,
  waitForCondition,
  waitForControllers,
  waitForNodes,
  workloadClient,
  type Ground,
} from './cluster/lab-cluster.ts';
import {
  controlPlaneManifests,
  machineDeploymentManifests,
  pooledMachines,
  withField,
  type LabValues,
  type Manifest,
} from './cluster/manifests.ts';
import { describeOnK0s } from './cluster/real-k0s.ts';
import { lostWrites, startSteadyWriter, type SteadyWriter } from './cluster/steady-writer.ts';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { startSystem, type System } from './system/start-system.ts';

const minutes = 60_000;
const next = 'v1.34.4+k0s.1';
const [replicas, workers] = process.env['K0SMOTRON_TEST_FULL'] ? [3, 2] : [1, 0];

function suite(): void {
  let system: System;
  let ground: Ground;
  let mirror: K0sMirror;
  let workload: KubeClient;
  let writer: SteadyWriter;
  let follower: NodeJS.Timeout;
  let before: readonly CapiMachine[];

  const machines = (): Promise<CapiMachine[]> => system.kube.list(CapiMachine, { namespace: 'default' });
  const uidsOf = (machines: readonly CapiMachine[]) => machines.map(({ metadata }) => metadata.uid).sort();
  const patchPlane = (body: object) =>
    system.kube.patch(K0sControlPlane, clusterKey, { type: 'merge', body }).then(() => undefined);
  const programOn = async (name: string): Promise<string | undefined> => {
    const remote = await system.kube.get(RemoteMachine, { namespace: 'default', name });
    const host = ground.machines.find(({ address }) => address === remote?.spec.address);
    return (await host?.exec('timeout 5 /usr/local/bin/k0s status | sed -n "s/^Version: //p"'))?.stdout.trim();
  };

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem();
    ground = await prepareGround(system, replicas + workers);
    mirror = await startK0sMirror(system.lab);
    await mirror.offer(defaultK0sVersion);
    follower = setInterval(() => void followControllers(system, ground.loadBalancer).catch(() => undefined), 250);
    const values = { ...ground.values, downloadURL: mirror.url };
    await applyManifests(system, [
      ...pooledMachines('default', ground.machines.slice(0, replicas)),
      ...pooledMachines('worker-pool', ground.machines.slice(replicas)),
      ...(await controlPlaneManifests(values, replicas)),
      ...(workers > 0 ? await followingWorkers(values) : []),
    ]);
    await waitForControllers(system, replicas, 5 * minutes);
    await waitForCondition(system.kube, K0sControlPlane, clusterKey, { type: 'Available', status: 'True' });
    workload = await workloadClient(system);
    await waitForNodes(workload, workers, 4 * minutes);
    writer = startSteadyWriter(workload);
    before = await machines();
  }, 8 * minutes);

  afterAll(async () => {
    clearInterval(follower);
    await writer?.stop();
    await workload?.close();
    await mirror?.close();
    await ground?.close();
    await system?.close();
  }, 2 * minutes);

  it(
    'says what failed, and leaves everything as it is',
    async () => {
      await mirror.offer(undefined);
      await patchPlane({ spec: { version: next } });
      await eventually(
        async () => {
          const events = await system.kube.list(KubeEvent, { namespace: 'default' });
          const ours = events.filter(({ reason }) => reason === 'UpdateInPlaceFailed');
          expect(ours.map(({ note }) => note).join()).toMatch(/could not download/);
        },
        { timeoutMs: 3 * minutes, everyMs: 250, what: 'an Event that says why' },
      );
      expect(uidsOf(await machines())).toEqual(uidsOf(before));
      for (const { metadata, spec } of await machines()) {
        expect(spec.version).toBe(defaultK0sVersion);
        expect(await programOn(metadata.name)).toBe(defaultK0sVersion);
      }
    },
    4 * minutes,
  );

  it(
    'tries again when told so, one machine after the other, workers last, and keeps them all',
    async () => {
      const startedAt = performance.now();
      await mirror.offer(next);
      await patchPlane({ metadata: { annotations: { [annotations.updateAttempt]: '2' } } });
      const timeoutMs = replicas * 3 * minutes;
      await eventually(
        async () => {
          const plane = await system.kube.get(K0sControlPlane, clusterKey);
          expect({ ...plane?.status, why: conditionOf(plane, 'MachinesUpToDate')?.message }).toMatchObject({
            upToDateReplicas: replicas,
            readyReplicas: replicas,
            version: next,
          });
        },
        { timeoutMs, everyMs: 250, what: 'all controllers to be up to date' },
      );
      console.log(`${replicas} controllers in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      await eventually(
        async () => expect((await machines()).map(({ spec }) => spec.version)).toEqual(before.map(() => next)),
        { timeoutMs: 5 * minutes, everyMs: 250, what: 'the workers to follow' },
      );
      console.log(`with ${workers} workers ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      const after = await machines();
      expect(uidsOf(after)).toEqual(uidsOf(before));
      for (const { metadata } of after) expect(await programOn(metadata.name)).toBe(next);
      await waitForCondition(system.kube, K0sControlPlane, clusterKey, { type: 'Available', status: 'True' });
    },
    15 * minutes,
  );

  it(
    'has lost no acknowledged write on the way',
    async () => {
      await writer.stop();
      const { ms } = writer.takeLongestGap();
      console.log(`${writer.acknowledged.length} writes, longest gap ${(ms / 1000).toFixed(1)} s`);
      expect(writer.acknowledged.length).toBeGreaterThan(50);
      expect(await lostWrites(workload, writer)).toEqual([]);
    },
    minutes,
  );
}

/** Workers whose MachineDeployment lets them follow the control plane in place. */
async function followingWorkers(values: LabValues): Promise<Manifest[]> {
  const path = ['spec', 'template', 'metadata', 'annotations'];
  return (await machineDeploymentManifests(values, workers)).map((manifest) =>
    manifest.kind === 'MachineDeployment' ? withField(manifest, path, { [annotations.updateInPlace]: '' }) : manifest,
  );
}

describeOnK0s('an update in place of a control plane on machines', suite, [next]);
