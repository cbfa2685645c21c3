import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  annotations,
  ClusterConfig,
  K0sControlPlane,
  MachineDeployment,
  PooledRemoteMachine,
  RemoteMachine,
  Secret,
} from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
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
import {
  controlPlaneManifests,
  machineDeploymentManifests,
  pooledMachines,
  singleWorkerManifests,
} from './cluster/manifests.ts';
import { describeOnK0s } from './cluster/real-k0s.ts';
import { reconciles, resourceVersions } from './cluster/watched-objects.ts';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { startSystem, type System } from './system/start-system.ts';

const deployment = { namespace: 'default', name: 'remote-test-workers' };
const sharedConfig = { namespace: 'kube-system', name: 'k0s' };
const minutes = 60_000;

describeOnK0s('a k0s cluster made from the manifests of the articles', () => {
  let system: System;
  let ground: Ground;
  let workload: KubeClient;

  const scaleWorkers = (replicas: number) =>
    system.kube.patch(MachineDeployment, deployment, { type: 'merge', body: { spec: { replicas } } });
  const reservedHosts = async (pool: string): Promise<string[]> =>
    (await system.kube.list(PooledRemoteMachine, { namespace: 'default' }))
      .filter(
        ({ spec, metadata }) => spec.pool === pool && metadata.annotations?.[annotations.reservedBy] !== undefined,
      )
      .map(({ metadata }) => metadata.name);
  const secretsOfCluster = async (): Promise<string[]> =>
    (
      await system.kube.list(Secret, {
        namespace: 'default',
        labelSelector: `cluster.x-k8s.io/cluster-name=${clusterKey.name}`,
      })
    )
      .map(({ metadata }) => metadata.name)
      .sort();

  const sharedArgs = async (): Promise<unknown> => {
    const { spec } = (await workload.get(ClusterConfig, sharedConfig)) ?? {};
    return (spec?.['api'] as { extraArgs?: Record<string, string> } | undefined)?.extraArgs;
  };
  const wantedArgs = expect.objectContaining({ 'anonymous-auth': 'true', 'max-requests-inflight': '401' });

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem();
    ground = await prepareGround(system, 5);
    const [controller, single, ...pool] = ground.machines;
    if (!controller || !single) throw new Error('five machines are needed');
    ground.loadBalancer.setBackends([controller.address]);
    await applyManifests(system, [
      ...pooledMachines('default', [controller]),
      ...pooledMachines('worker-pool', pool),
      ...(await controlPlaneManifests(ground.values)),
      ...(await machineDeploymentManifests(ground.values)),
      ...(await singleWorkerManifests(ground.values, single)),
    ]);
  }, 3 * minutes);

  afterAll(async () => {
    await workload?.close();
    await ground?.close();
    await system?.close();
  }, 2 * minutes);

  it(
    'becomes available with one controller, a single worker and one of a MachineDeployment',
    async () => {
      const appliedAt = performance.now();
      await waitForCondition(system.kube, K0sControlPlane, clusterKey, {
        type: 'Available',
        status: 'True',
        timeoutMs: 2 * minutes,
      });
      console.log(`apply → Available ${((performance.now() - appliedAt) / 1000).toFixed(1)} s`);
      workload = await workloadClient(system);
      const nodes = await waitForNodes(workload, 2, 2 * minutes);
      console.log(`apply → 2 Ready Nodes ${((performance.now() - appliedAt) / 1000).toFixed(1)} s`);
      expect(nodes.map(({ metadata }) => metadata.name)).toContain('remote-test-0');
    },
    4 * minutes,
  );

  it('has its keys and its kubeconfig where Cluster API looks for them', async () => {
    for (const purpose of ['ca', 'etcd', 'proxy', 'sa', 'kubeconfig']) {
      const secret = await system.kube.get(Secret, { namespace: 'default', name: `${clusterKey.name}-${purpose}` });
      expect(secret).toMatchObject({
        type: 'cluster.x-k8s.io/secret',
        metadata: {
          labels: { 'cluster.x-k8s.io/cluster-name': clusterKey.name },
          ownerReferences: [expect.objectContaining({ kind: 'K0sControlPlane', controller: true })],
        },
      });
      const keys = Object.keys(secret?.data ?? {}).sort();
      expect(keys).toEqual(purpose === 'kubeconfig' ? ['value'] : ['tls.crt', 'tls.key']);
    }
  });

  it('lets nobody but root read private keys and the token on the hosts', async () => {
    const [controller, single] = ground.machines;
    const found = await controller?.exec(
      "find /var/lib/k0s/pki /etc/k0s.token -name '*.key' -printf '%m %u %p\\n' -o -name k0s.token -printf '%m %u %p\\n' 2>/dev/null",
    );
    const lines = found?.stdout.trim().split('\n') ?? [];
    const given = lines.filter((line) => /(\/ca|\/sa|front-proxy-ca)\.key$/.test(line));
    expect(given.length).toBeGreaterThanOrEqual(4);
    // k0s itself hands sa.key on to the group of its API server.
    for (const line of given) expect(line).toMatch(/^6[04]0 /);
    const token = await single?.exec('stat -c %a /etc/k0s.token');
    expect([0, 1]).toContain(token?.code);
    if (token?.code === 0) expect(token.stdout.trim()).toBe('600');
  });

  it('leaves no join token behind once the machines have joined', () =>
    eventually(
      async () => {
        const secrets = await workload.list(Secret, { namespace: 'kube-system' });
        const tokens = secrets.filter(({ metadata }) => metadata.name.startsWith('bootstrap-token-'));
        expect(tokens.map(({ metadata }) => metadata.name)).toEqual([]);
      },
      { timeoutMs: 60_000, everyMs: 500, what: 'no join token' },
    ));

  it('tells the truth in the words of both contracts', async () => {
    const plane = await waitForCondition(system.kube, K0sControlPlane, clusterKey, {
      type: 'Available',
      status: 'True',
    });
    expect(plane.status).toMatchObject({
      initialization: { controlPlaneInitialized: true },
      replicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
      upToDateReplicas: 1,
      externalManagedControlPlane: true,
      version: ground.values.version,
      versions: [{ version: ground.values.version, replicas: 1 }],
    });
    expect(conditionOf(plane, 'EtcdClusterHealthy')?.status).toBe('True');
    const old = await system.kube.get({ ...K0sControlPlane, version: 'v1beta1' }, clusterKey);
    expect(old).toMatchObject({
      spec: { k0sVersion: ground.values.version },
      status: {
        ready: true,
        initialized: true,
        replicas: 1,
        readyReplicas: 1,
        updatedReplicas: 1,
        unavailableReplicas: 0,
      },
    });
  });

  it(
    'writes nothing when it is woken and nothing has changed',
    async () => {
      const controllers = [
        ['control-plane', 'k0s-control-plane'],
        ['bootstrap', 'k0s-controller-config'],
        ['bootstrap', 'k0s-worker-config'],
      ] as const;
      await waitForCondition(system.kube, K0sControlPlane, clusterKey, { type: 'SharedConfigApplied', status: 'True' });
      const counts = () => Promise.all(controllers.map(([service, name]) => reconciles(system, service, name)));
      const [before, countsBefore] = await eventually(
        async () => {
          const first = await resourceVersions(system);
          const after = await Promise.all([resourceVersions(system), counts()]);
          expect(after[0]).toEqual(first);
          return after;
        },
        { timeoutMs: 60_000, everyMs: 3000, what: 'a moment without writes' },
      );
      // Whatever wakes a Cluster's objects: an annotation that means nothing to anybody.
      await system.controlPlane.kubectl('annotate', 'cluster', clusterKey.name, 'test.k0smotron.io/poke=1');
      await system.controlPlane.kubectl('annotate', 'machines', '--all', 'test.k0smotron.io/poke=1');
      await eventually(
        async () => {
          const now = await counts();
          for (const [at, count] of now.entries()) expect(count).toBeGreaterThan(countsBefore[at] ?? 0);
        },
        { timeoutMs: 30_000, what: 'every controller to have run' },
      );
      const after = await resourceVersions(system);
      const poked = /^(Cluster|Machine)\//;
      const ours = (all: Readonly<Record<string, string>>) =>
        Object.fromEntries(Object.entries(all).filter(([name]) => !poked.test(name)));
      expect(ours(after)).toEqual(ours(before));
    },
    2 * minutes,
  );

  it(
    'gives the running cluster a changed k0s configuration, without new machines',
    async () => {
      const generation = (await workload.get(ClusterConfig, sharedConfig))?.metadata.generation;
      await system.kube.patch(K0sControlPlane, clusterKey, {
        type: 'merge',
        body: {
          spec: { k0sConfigSpec: { k0s: { spec: { api: { extraArgs: { 'max-requests-inflight': '401' } } } } } },
        },
      });
      await eventually(async () => expect(await sharedArgs()).toEqual(wantedArgs), { timeoutMs: 30_000, everyMs: 200 });
      expect((await workload.get(ClusterConfig, sharedConfig))?.metadata.generation).not.toBe(generation);
      const plane = await system.kube.get(K0sControlPlane, clusterKey);
      expect(plane?.status).toMatchObject({ replicas: 1, upToDateReplicas: 1 });
    },
    3 * minutes,
  );

  it(
    'grows and shrinks a MachineDeployment over the pool, and gives its hosts back',
    async () => {
      // Somebody meddles with the configuration meanwhile: the next look, within a minute, sets it back.
      const body = { spec: { api: { extraArgs: { 'max-requests-inflight': '7' } } } };
      await workload.patch(ClusterConfig, sharedConfig, { type: 'merge', body });
      await scaleWorkers(3);
      await waitForNodes(workload, 4, 3 * minutes);
      expect((await reservedHosts('worker-pool')).length).toBe(3);
      await scaleWorkers(1);
      await waitForNodes(workload, 2, 3 * minutes);
      await eventually(async () => expect((await reservedHosts('worker-pool')).length).toBe(1), {
        timeoutMs: minutes,
        everyMs: 200,
        what: 'two hosts to be back in the pool',
      });
      // A host that was used before is as good as new.
      await scaleWorkers(2);
      await waitForNodes(workload, 3, 3 * minutes);
    },
    8 * minutes,
  );

  it('has set back what somebody changed in its configuration', () =>
    eventually(async () => expect(await sharedArgs()).toEqual(wantedArgs), { timeoutMs: 90_000, everyMs: 500 }));

  it(
    'goes with everything that it had: hosts clean, pools free, no Secret left',
    async () => {
      const startedAt = performance.now();
      await system.controlPlane.kubectl('delete', 'cluster', clusterKey.name, '--wait=false');
      await eventually(
        async () => {
          expect(await system.kube.list(RemoteMachine, { namespace: 'default' })).toEqual([]);
          expect(await system.kube.get(K0sControlPlane, clusterKey)).toBeUndefined();
        },
        { timeoutMs: 3 * minutes, everyMs: 200, what: 'everything to be gone' },
      );
      console.log(`delete → gone ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      expect(await reservedHosts('default')).toEqual([]);
      expect(await reservedHosts('worker-pool')).toEqual([]);
      await eventually(async () => expect(await secretsOfCluster()).toEqual([]), {
        timeoutMs: 30_000,
        what: 'no Secret of the cluster',
      });
      for (const machine of ground.machines) {
        const left = await machine.exec(
          'find /var/lib/k0s -mindepth 1; ls -d /etc/k0s.yaml /etc/k0s.token /run/k0s /usr/local/bin/k0s; pgrep -a k0s',
        );
        expect({ machine: machine.name, left: left.stdout }).toEqual({ machine: machine.name, left: '' });
      }
    },
    5 * minutes,
  );
});
