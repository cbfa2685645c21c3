import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster, JoinTokenRequest, K0smotronControlPlane, Namespace, Secret } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import { defaultK0sVersion, prepareHosting, prepareWorker, type Hosting } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { loadAll } from 'js-yaml';
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
import { singleWorkerManifests, type Manifest } from './cluster/manifests.ts';
import { describeOnK0s } from './cluster/real-k0s.ts';
import { lostWrites, startSteadyWriter, type SteadyWriter } from './cluster/steady-writer.ts';
import { startInstallation, type Installation } from './clusterctl/installation.ts';
import { complains, stillWrites, underWriter } from './hosted/harm.ts';
import {
  hostedControlPlaneManifests,
  inLab,
  planeBehindIngress,
  shellArgument,
  talkingPod,
  type HostedValues,
} from './hosted/manifests.ts';
import { leftovers, planeSettled, podsOfPlane, workloadKubectl } from './hosted/plane.ts';
import { describeStorage } from './hosted/storage-tests.ts';

const minutes = 60_000;
const provider = 'k0sproject-k0smotron';
const release = 'v2.2.0';
/** Minutes more, so not in each run. */
const full = process.env['K0SMOTRON_TEST_FULL'] !== undefined;

describeOnK0s('a hosted control plane, on a cluster whose pods run', () => {
  let installed: Installation;
  let ground: Ground;
  let hosting: Hosting;
  let values: HostedValues;
  let workload: KubeClient | undefined;
  let writer: SteadyWriter | undefined;

  const client = (): KubeClient => {
    if (!workload) throw new Error('there is no control plane');
    return workload;
  };
  const change = (spec: object) =>
    installed.kube.patch(K0smotronControlPlane, clusterKey, { type: 'merge', body: { spec } });

  beforeAll(
    async () => {
      installed = await startInstallation(release);
      await installed.publish(release);
      hosting = await prepareHosting(installed.lab, installed, [defaultK0sVersion], { databases: full });
      values = { version: defaultK0sVersion, etcdImage: hosting.etcdImage };
      ground = await prepareGround(installed, 1);
      for (const machine of ground.machines) await prepareWorker(installed.lab, machine);
    },
    // The first time kine is built and PostgreSQL brought.
    (full ? 40 : 15) * minutes,
  );
  afterAll(async () => {
    await writer?.stop(); // of a test that failed
    await workload?.close();
    await ground?.close();
    await installed?.close();
  }, 2 * minutes);

  it(
    'is installed one role after the other, and the first is Ready without the others',
    async () => {
      // The first brings core, and would bring the kubeadm providers for the roles that are not named.
      for (const roles of [
        ['--control-plane', provider, '--bootstrap', '-', '--infrastructure', '-'],
        ['--bootstrap', provider],
        ['--infrastructure', provider],
      ]) {
        await installed.clusterctl('init', ...roles);
        await installed.controlPlane.kubectl(
          ...['wait', 'pods', '--all', '--all-namespaces', '--for=condition=Ready', '--timeout=180s'],
        );
      }
    },
    10 * minutes,
  );

  it(
    'comes from the manifests of the article and answers at its own endpoint',
    async () => {
      const startedAt = performance.now();
      await applyManifests(installed, await hostedControlPlaneManifests(values));
      const timeoutMs = 4 * minutes;
      const plane = await waitForCondition(installed.kube, K0smotronControlPlane, clusterKey, {
        ...{ type: 'Available', status: 'True', timeoutMs },
      });
      console.log(
        `hosted control plane, 1 + 1: Available after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
      );
      expect(conditionOf(plane, 'EtcdReady')).toMatchObject({ status: 'True' });
      workload = await workloadClient(installed);
      expect(await workload.get(Namespace, { name: 'kube-system' })).toBeDefined();
      const cluster = await installed.kube.get(Cluster, clusterKey);
      expect(cluster?.spec.controlPlaneEndpoint).toEqual({ host: installed.node.address, port: 30443 });
      // etcd logs what it was started with.
      const log = await installed.controlPlane.kubectl('logs', `kmc-${clusterKey.name}-etcd-0`);
      expect(log).toContain(JSON.stringify(shellArgument));
    },
    5 * minutes,
  );

  it(
    'takes a machine as worker over SSH, and reaches its pods through konnectivity',
    async () => {
      const [worker] = ground.machines;
      if (!worker) throw new Error('a machine is needed');
      await applyManifests(installed, await singleWorkerManifests(ground.values, worker));
      await waitForNodes(client(), 1, 4 * minutes);
      const kubectl = workloadKubectl(installed);
      await kubectl.apply(talkingPod(values.etcdImage));
      await kubectl.run('wait', 'pod/talking', '--for=condition=Ready', '--timeout=120s');
      // The agent connects some time after the pod runs.
      await eventually(async () => expect(await kubectl.run('logs', 'talking')).toContain('ready to serve'), {
        ...{ timeoutMs: 3 * minutes, everyMs: 1000, what: 'logs of a pod on the worker' },
      });
      expect(await kubectl.run('exec', 'talking', '--', 'etcd', '--version')).toMatch(/^etcd Version: 3\./);
    },
    8 * minutes,
  );

  it(
    'revokes a token for one node when a node has come with it',
    async () => {
      const names = await workloadKubectl(installed).run('get', 'csr', '-o', 'jsonpath={.items[*].spec.username}');
      const tokenId = /system:bootstrap:(\w+)/.exec(names)?.[1] ?? '';
      // A request that was given the id of the worker's token, so that a real kubelet has come with it.
      const key = { namespace: 'default', name: 'used' };
      const metadata = { ...key, annotations: { 'k0smotron.io/join-token-id': tokenId } };
      const spec = { clusterName: clusterKey.name, expiry: '1h', singleUse: true };
      await installed.kube.create(JoinTokenRequest, { metadata, spec } as never);
      await waitForCondition(installed.kube, JoinTokenRequest, key, {
        ...{ type: 'JoinTokenSecretCreated', status: 'False', reason: 'Used', timeoutMs: 2 * minutes },
      });
      const secret = { namespace: 'kube-system', name: `bootstrap-token-${tokenId}` };
      expect(await client().get(Secret, secret)).toBeUndefined();
      await installed.kube.remove(JoinTokenRequest, key);
    },
    4 * minutes,
  );

  it(
    'grows to three and three and shrinks to one and one under a writer that loses nothing',
    async () => {
      const steady = startSteadyWriter(client());
      writer = steady;
      for (const replicas of [3, 1]) {
        const startedAt = performance.now();
        await change({ replicas });
        await planeSettled(installed, replicas);
        console.log(`${replicas} + ${replicas} after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      }
      await steady.stop();
      expect(steady.acknowledged.length).toBeGreaterThan(0);
      expect(await lostWrites(client(), steady)).toEqual([]);
    },
    15 * minutes,
  );

  it(
    'comes back after its pods are killed',
    async () => {
      const before = await client().get(Namespace, { name: 'kube-system' });
      const pods = await podsOfPlane(installed);
      await installed.controlPlane.kubectl('delete', '--now', ...pods.map((name) => `pod/${name}`));
      await planeSettled(installed, 1);
      expect(await client().get(Namespace, { name: 'kube-system' })).toMatchObject({
        metadata: { uid: before?.metadata.uid },
      });
    },
    6 * minutes,
  );

  if (full) {
    it(
      'goes on at three and three when an image cannot be pulled, under a writer that loses nothing',
      async () => {
        await change({ replicas: 3 });
        await planeSettled(installed, 3);
        const steady = startSteadyWriter(client());
        writer = steady;
        await underWriter('a wrong image', steady, async () => {
          await change({ image: 'registry.invalid/k0s' });
          await complains(installed, 'cannot pull image registry.invalid/k0s');
          await stillWrites(steady);
          await change({ image: 'quay.io/k0sproject/k0s' });
          await planeSettled(installed, 3);
        });
        await steady.stop();
        expect(await lostWrites(client(), steady)).toEqual([]);
      },
      15 * minutes,
    );
  }

  it(
    'goes and leaves nothing, claims included, since they are not to be kept',
    async () => {
      expect(await leftovers(installed)).toContain(`CronJob/kmc-${clusterKey.name}-defrag`);
      if (full) {
        await applyManifests(installed, [planeBehindIngress(values)]);
        await eventually(async () => expect(await leftovers(installed)).toContain('Ingress/kmc-behind'), {
          ...{ timeoutMs: 2 * minutes, everyMs: 500, what: 'the Ingress of a second plane' },
        });
        await installed.controlPlane.kubectl('delete', 'clusters.k0smotron.io/behind', '--wait=false');
      }
      await installed.kube.remove(Cluster, clusterKey);
      await eventually(async () => expect(await leftovers(installed)).toEqual([]), {
        ...{ timeoutMs: 4 * minutes, everyMs: 500, what: 'nothing of the plane to be left' },
      });
      const secrets = await installed.kube.list(Secret, { namespace: 'default' });
      expect(secrets.map(({ metadata }) => metadata.name)).toEqual(['footloose-key']);
    },
    5 * minutes,
  );

  it(
    'is made of a class, in a few lines, and the topology rests when it is there',
    async () => {
      const text = await installed.clusterctl(
        ...['generate', 'cluster', clusterKey.name, '--flavor', 'hosted', '--target-namespace', 'default'],
        ...['--infrastructure', `${provider}:${release}`, '--kubernetes-version', values.version],
        ...['--control-plane-machine-count', '1', '--worker-machine-count', '0'],
      );
      await applyManifests(installed, inLab(loadAll(text) as Manifest[], values));
      await waitForCondition(installed.kube, K0smotronControlPlane, clusterKey, {
        ...{ type: 'Available', status: 'True', timeoutMs: 4 * minutes },
      });
      const generation = async () =>
        (await installed.kube.get(K0smotronControlPlane, clusterKey))?.metadata.generation ?? 0;
      const before = await generation();
      const body = { spec: { topology: { controlPlane: { replicas: 3 } } } };
      await installed.kube.patch(Cluster, clusterKey, { type: 'merge', body });
      await planeSettled(installed, 3);
      expect(await generation()).toBe(before + 1);
      await installed.kube.remove(Cluster, clusterKey);
      await eventually(async () => expect(await leftovers(installed)).toEqual([]), {
        ...{ timeoutMs: 4 * minutes, everyMs: 500, what: 'nothing of the plane to be left' },
      });
    },
    12 * minutes,
  );

  if (full) describeStorage(() => ({ installed, values, postgresImage: hosting.postgresImage ?? '' }));
});
