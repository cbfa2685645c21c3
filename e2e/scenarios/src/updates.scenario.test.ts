import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { annotations, K0sControlPlane, Machine as CapiMachine } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import { defaultK0sVersion } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { membersOn } from './cluster/etcd-members.ts';
import { startK0sMirror, type K0sMirror } from './cluster/k0s-mirror.ts';
import {
  clusterKey,
  conditionOf,
  followControllers,
  prepareGround,
  waitForControllers,
  workloadClient,
  type Ground,
} from './cluster/lab-cluster.ts';
import { controlPlaneManifests, pooledMachines, withField } from './cluster/manifests.ts';
import { describeOnK0s } from './cluster/real-k0s.ts';
import { gapText, lostWrites, startSteadyWriter, type SteadyWriter } from './cluster/steady-writer.ts';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { startSystem, type System } from './system/start-system.ts';

const minutes = 60_000;
const next = 'v1.34.4+k0s.1';
const replicas = process.env['K0SMOTRON_TEST_FULL'] ? 3 : 1;
const healthCheck = 'controllers';

function suite(): void {
  let system: System;
  let ground: Ground;
  let mirror: K0sMirror;
  let workload: KubeClient;
  let writer: SteadyWriter;
  let follower: NodeJS.Timeout;
  /** As many Machines as ever existed at once and had not left etcd. */
  let most = 0;

  const machines = (): Promise<CapiMachine[]> => system.kube.list(CapiMachine, { namespace: 'default' });
  const holdsHook = ({ metadata }: CapiMachine): boolean =>
    metadata.annotations?.[annotations.preTerminateHook] !== undefined;
  const namesOf = (some: readonly CapiMachine[]): string[] => some.map(({ metadata }) => metadata.name).sort();
  const count = async (): Promise<void> => void (most = Math.max(most, (await machines()).filter(holdsHook).length));
  const expectMembers = async (): Promise<void> => {
    const names = namesOf(await machines());
    const hosts = await Promise.all(ground.machines.map(membersOn));
    expect(hosts.filter((members) => members.length > 0)).toEqual(names.map(() => names));
  };
  /** 30 s is the shortest that admission of Cluster API allows. */
  const applyHealthCheck = () =>
    applyManifests(system, [
      {
        apiVersion: 'cluster.x-k8s.io/v1beta2',
        kind: 'MachineHealthCheck',
        metadata: { name: healthCheck, namespace: 'default' },
        spec: {
          clusterName: clusterKey.name,
          selector: { matchLabels: { 'cluster.x-k8s.io/control-plane': '' } },
          checks: { nodeStartupTimeoutSeconds: 30 },
        },
      },
    ]);
  /** What a health check says of a Machine whose Node is well; of one without a Node, Cluster API never takes anything back. */
  const sayHealthy = async ({ metadata, status }: CapiMachine): Promise<void> => {
    const at = status?.conditions?.findIndex(({ type }) => type === 'HealthCheckSucceeded') ?? -1;
    const path = `/status/conditions/${at}`;
    const body = [
      { op: 'test', path: `${path}/type`, value: 'HealthCheckSucceeded' },
      { op: 'replace', path: `${path}/status`, value: 'True' },
    ];
    const key = { namespace: 'default', name: metadata.name };
    await system.kube.patch(CapiMachine, key, { type: 'json', body }, { subresource: 'status' });
  };
  /** Waits until all controllers are of the wanted version, and none is on its way. */
  const waitForUpdate = (version: string): Promise<void> =>
    eventually(
      async () => {
        const plane = await system.kube.get(K0sControlPlane, clusterKey);
        const all = await machines();
        expect({ ...plane?.status, all: all.length, why: conditionOf(plane, 'RollingOut')?.message }).toMatchObject({
          all: replicas,
          replicas,
          readyReplicas: replicas,
          upToDateReplicas: replicas,
          version,
          why: '',
        });
      },
      { timeoutMs: replicas * 3 * minutes, everyMs: 250, what: `${replicas} controllers of ${version}` },
    );

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem();
    ground = await prepareGround(system, replicas + 1);
    mirror = await startK0sMirror(system.lab);
    await mirror.offer(defaultK0sVersion);
    follower = setInterval(() => {
      void followControllers(system, ground.loadBalancer).catch(() => undefined);
      void count().catch(() => undefined);
    }, 250);
    const manifests = await controlPlaneManifests({ ...ground.values, downloadURL: mirror.url }, replicas);
    await applyManifests(system, [
      ...pooledMachines('default', ground.machines),
      ...manifests.map((document) =>
        document.kind === 'K0sControlPlane' ? withField(document, ['spec', 'updateStrategy'], 'Recreate') : document,
      ),
    ]);
    await waitForControllers(system, replicas, replicas * 3 * minutes);
    await waitForUpdate(defaultK0sVersion);
    workload = await workloadClient(system);
    writer = startSteadyWriter(workload);
  }, 10 * minutes);

  afterAll(async () => {
    clearInterval(follower);
    await writer?.stop();
    await workload?.close();
    await mirror?.close();
    await ground?.close();
    await system?.close();
  }, 2 * minutes);

  it(
    'makes a new controller before each old one goes, and says how far it is',
    async () => {
      const before = namesOf(await machines());
      const startedAt = performance.now();
      most = 0;
      await mirror.offer(next);
      await system.kube.patch(K0sControlPlane, clusterKey, { type: 'merge', body: { spec: { version: next } } });
      await eventually(
        async () => {
          const plane = await system.kube.get(K0sControlPlane, clusterKey);
          expect(conditionOf(plane, 'RollingOut')).toMatchObject({ status: 'True', reason: 'RollingOut' });
          expect(conditionOf(plane, 'RollingOut')?.message).toMatch(/^\d of \d controllers are outdated/);
        },
        { timeoutMs: minutes, everyMs: 100, what: 'RollingOut' },
      );
      await waitForUpdate(next);
      const gap = writer.takeLongestGap();
      console.log(`${replicas} → ${next} ${((performance.now() - startedAt) / 1000).toFixed(1)} s, ${gapText(gap)}`);
      expect(namesOf(await machines()).filter((name) => before.includes(name))).toEqual([]);
      expect(most).toBe(replicas + 1);
      await expectMembers();
    },
    (replicas * 3 + 1) * minutes,
  );

  it(
    'does not believe a health check that misses the Node of a controller without kubelet (SR-3)',
    async () => {
      const before = namesOf(await machines());
      await applyHealthCheck();
      await eventually(
        async () => {
          for (const machine of await machines()) {
            expect(conditionOf(machine, 'HealthCheckSucceeded')).toMatchObject({ reason: 'NodeStartupTimeout' });
            const answer = conditionOf(machine, 'OwnerRemediated');
            expect(answer).toMatchObject({ status: 'False', reason: 'CannotBeRemediated' });
            expect(answer?.message).toContain('nodeStartupTimeoutSeconds: 0');
          }
        },
        { timeoutMs: 2 * minutes, everyMs: 250, what: 'an answer to the health check' },
      );
      expect(namesOf(await machines())).toEqual(before);
    },
    4 * minutes,
  );

  it(
    replicas > 1 ? 'replaces a controller that a health check gives up' : 'keeps the only controller, and says why',
    async () => {
      const before = await machines();
      const [given] = before;
      const { name = '', uid } = given?.metadata ?? {};
      const body = { metadata: { uid, annotations: { [annotations.remediateMachine]: '' } } };
      await system.kube.patch(CapiMachine, { namespace: 'default', name }, { type: 'merge', body });
      await eventually(
        async () => {
          const now = await machines();
          const machine = now.find(({ metadata }) => metadata.name === name);
          if (replicas === 1)
            expect(conditionOf(machine, 'OwnerRemediated')).toMatchObject({
              reason: 'CannotBeRemediated',
              message: expect.stringContaining('the only controller'),
            });
          else expect(machine).toBeUndefined();
        },
        { timeoutMs: 3 * minutes, everyMs: 250, what: 'the end of the remediation' },
      );
      await waitForUpdate(next);
      const plane = await system.kube.get(K0sControlPlane, clusterKey);
      expect(conditionOf(plane, 'Remediating')?.status).toBe(replicas === 1 ? 'True' : 'False');
      expect(namesOf(await machines()).filter((one) => one === name).length).toBe(replicas === 1 ? 1 : 0);
      await expectMembers();
    },
    8 * minutes,
  );

  it(
    'takes its answer back when the health check is content',
    async () => {
      await system.controlPlane.kubectl('delete', 'machinehealthcheck', healthCheck);
      await eventually(
        async () => {
          const unhealthy = (await machines()).filter(
            (machine) => conditionOf(machine, 'HealthCheckSucceeded')?.status === 'False',
          );
          for (const machine of unhealthy) await sayHealthy(machine);
          for (const machine of await machines()) expect(conditionOf(machine, 'OwnerRemediated')).toBeUndefined();
        },
        { timeoutMs: minutes, everyMs: 250, what: 'the answer to be taken back' },
      );
    },
    2 * minutes,
  );

  it(
    'has lost no acknowledged write on the way',
    async () => {
      await writer.stop();
      console.log(`${writer.acknowledged.length} writes, ${gapText(writer.takeLongestGap())}`);
      expect(writer.acknowledged.length).toBeGreaterThan(50);
      expect(await lostWrites(workload, writer)).toEqual([]);
    },
    minutes,
  );
}

describeOnK0s('an update of a control plane by new machines, and remediation', suite, [next]);
