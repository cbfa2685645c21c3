import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, symlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  Cluster,
  K0sControlPlane,
  K0sWorkerConfigTemplate,
  Machine as CapiMachine,
  MachineDeployment,
  RemoteCluster,
  RemoteMachineTemplate,
} from '@k0smotron/api';
import type { KubeObject } from '@k0smotron/core';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import { binary, defaultK0sVersion, k0sBinary, k0sVersions, serveFiles, type FileServer } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { loadAll } from 'js-yaml';
import { applyManifests } from './cluster/apply.ts';
import {
  clusterKey,
  conditionOf,
  followControllers,
  prepareGround,
  waitForCondition,
  waitForNodes,
  workloadClient,
  type Ground,
} from './cluster/lab-cluster.ts';
import { pooledMachines, withField, type Manifest } from './cluster/manifests.ts';
import { describeOnK0s } from './cluster/real-k0s.ts';
import { writesWithin } from './contract/watch-quiet.ts';
import { ensureBundles } from './demo/ensure-bundles.ts';
import { repository } from './system/repository.ts';
import { startSystem, type System } from './system/start-system.ts';

const minutes = 60_000;
const quietMs = process.env['K0SMOTRON_TEST_FULL'] ? 5 * minutes : 5000;
const inDefault = { namespace: 'default' };
const templates = `${repository}/deploy/templates`;

/** The class that is released, and a second one like it whose controllers have one label more. */
async function classes(): Promise<readonly [Manifest[], Manifest[]]> {
  const text = await readFile(`${templates}/clusterclass-k0s-machines.yaml`, 'utf8');
  const labelled = (manifest: Manifest): Manifest =>
    manifest.kind === 'ClusterClass'
      ? withField(manifest, ['spec', 'controlPlane', 'metadata'], { labels: { rebased: 'yes' } })
      : manifest;
  const parse = (yaml: string): Manifest[] => loadAll(yaml) as Manifest[];
  return [parse(text), parse(text.replaceAll('k0s-machines', 'k0s-machines-next')).map(labelled)];
}

/** What `clusterctl generate cluster --flavor topology` writes, with what the lab needs beyond it. */
async function topologyCluster(values: Ground['values'], downloadURL: string): Promise<Manifest> {
  const { version, endpoint, controllerArgs } = values;
  const { stdout } = await promisify(execFile)(
    await binary('clusterctl'),
    ['generate', 'yaml', '--from', `${templates}/cluster-template-topology.yaml`],
    {
      env: {
        ...process.env,
        CLUSTER_NAME: clusterKey.name,
        NAMESPACE: clusterKey.namespace,
        KUBERNETES_VERSION: version,
        CONTROL_PLANE_MACHINE_COUNT: '1',
        WORKER_MACHINE_COUNT: '0',
        K0SMOTRON_ENDPOINT_HOST: endpoint.host,
        K0SMOTRON_ENDPOINT_PORT: String(endpoint.port),
      },
    },
  );
  const [cluster] = loadAll(stdout) as [Manifest & { spec: { topology: { variables: object[] } } }];
  const network = { provider: 'custom' };
  cluster.spec.topology.variables.push(
    { name: 'downloadURL', value: downloadURL },
    { name: 'controllerArgs', value: controllerArgs },
    { name: 'updateStrategy', value: 'Recreate' },
    {
      name: 'k0sConfig',
      value: {
        apiVersion: 'k0s.k0sproject.io/v1beta1',
        kind: 'ClusterConfig',
        metadata: { name: 'k0s' },
        spec: { network, telemetry: { enabled: false } },
      },
    },
  );
  return cluster;
}

/** Another release of the same minor, to update to; without one that test counts as skipped. */
const next = k0sVersions().find((version) => version.startsWith('v1.34.') && version > defaultK0sVersion);
const itWithNext = next ? it : it.skip;

/** Lets machines download a version from now on, at an address that stays the same. */
async function offer(folder: string, version: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await symlink((await k0sBinary(version)).path, `${folder}/next`);
  await rename(`${folder}/next`, `${folder}/k0s`);
}

describeOnK0s('a cluster of the class that is released', () => {
  let downloads: FileServer;
  let system: System;
  let ground: Ground;
  let workload: KubeClient;
  let follower: NodeJS.Timeout;

  const change = (topology: object) =>
    system.kube.patch(Cluster, clusterKey, { type: 'merge', body: { spec: { topology } } });
  const workers = (replicas: number) => ({
    workers: { machineDeployments: [{ class: 'worker', name: 'workers', replicas }] },
  });
  const machines = async (): Promise<readonly CapiMachine[]> => system.kube.list(CapiMachine, inDefault);
  const deployment = async (): Promise<MachineDeployment | undefined> =>
    (await system.kube.list(MachineDeployment, inDefault))[0];

  /** What the topology controller writes, by name: an object's generation counts the changes of its spec. */
  const generations = async (): Promise<Record<string, number | undefined>> => {
    const kinds = [RemoteCluster, K0sControlPlane, MachineDeployment, RemoteMachineTemplate, K0sWorkerConfigTemplate];
    const objects: KubeObject[] = (
      await Promise.all(kinds.map((kind) => system.kube.list<KubeObject>(kind, inDefault)))
    ).flat();
    return Object.fromEntries(objects.map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.generation]));
  };

  beforeAll(async () => {
    await ensureBundles();
    system = await startSystem({ featureGates: { ClusterTopology: true }, watched: 'default' });
    ground = await prepareGround(system, 4);
    const offered = `${system.lab.dir}/offered`;
    await offer(offered, ground.values.version);
    downloads = await serveFiles(system.lab, offered);
    follower = setInterval(() => void followControllers(system, ground.loadBalancer).catch(() => undefined), 250);
    const [released, next] = await classes();
    await applyManifests(system, [
      ...pooledMachines('controllers', ground.machines.slice(0, 2)),
      ...pooledMachines('workers', ground.machines.slice(2)),
      ...released.map((manifest) => withField(manifest, ['metadata', 'namespace'], 'default')),
      ...next.map((manifest) => withField(manifest, ['metadata', 'namespace'], 'default')),
    ]);
    await applyManifests(system, [await topologyCluster(ground.values, `${downloads.url}/k0s`)]);
  }, 4 * minutes);

  afterAll(async () => {
    clearInterval(follower);
    await workload?.close();
    await downloads?.close();
    await ground?.close();
    await system?.close();
  }, 2 * minutes);

  it('has services that may read nothing outside of the one namespace that they watch', async () => {
    for (const { certDir } of system.services) {
      const service = connectKube(await loadKubeConfig({ path: `${certDir}/kubeconfig` }));
      await expect(service.list(RemoteCluster, { namespace: 'kube-public' })).rejects.toThrow(/forbidden/i);
      await expect(service.list(RemoteCluster)).rejects.toThrow(/forbidden/i);
      await service.close();
    }
  });

  it(
    'has a control plane that is made from the class and its variables',
    async () => {
      const wanted = { type: 'Available', status: 'True', timeoutMs: 2 * minutes };
      const plane = await waitForCondition(system.kube, K0sControlPlane, clusterKey, wanted);
      expect(plane.spec).toMatchObject({
        replicas: 1,
        version: ground.values.version,
        updateStrategy: 'Recreate',
        k0sConfigSpec: { downloadURL: `${downloads.url}/k0s`, args: ground.values.controllerArgs },
      });
      const cluster = await system.kube.get(RemoteCluster, clusterKey);
      expect(cluster?.spec?.controlPlaneEndpoint).toEqual(ground.values.endpoint);
      workload = await workloadClient(system);
    },
    3 * minutes,
  );

  it(
    'scales its workers, and the topology rests while they come',
    async () => {
      await change(workers(1));
      await eventually(async () => expect((await deployment())?.spec.replicas).toBe(1));
      const before = await generations();
      await waitForNodes(workload, 1, 2 * minutes);
      expect(await generations()).toEqual(before);
    },
    3 * minutes,
  );

  it(
    'rests, all of it, when nothing happens (C-03)',
    async () => {
      const aMoment = { timeoutMs: 2 * minutes, what: 'a moment without writes' };
      await eventually(async () => expect(await writesWithin(system.kube, 'default', 5000)).toEqual([]), aMoment);
      expect(await writesWithin(system.kube, 'default', quietMs)).toEqual([]);
    },
    3 * minutes + quietMs,
  );

  it(
    'moves to another class without a new machine',
    async () => {
      const before = (await machines()).map(({ metadata }) => metadata.uid).sort();
      await change({ classRef: { name: 'k0s-machines-next' } });
      await eventually(
        async () => {
          const plane = await system.kube.get(K0sControlPlane, clusterKey);
          expect(plane?.spec.machineTemplate.metadata?.labels).toMatchObject({ rebased: 'yes' });
          expect(conditionOf(plane, 'Available')?.observedGeneration).toBe(plane?.metadata.generation);
        },
        { timeoutMs: minutes, what: 'a control plane of the next class that was looked at' },
      );
      expect((await machines()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
    },
    2 * minutes,
  );

  itWithNext(
    `gets another version, its controllers before its workers (${next ?? 'needs a second k0s 1.34: set K0S_DIR'})`,
    async () => {
      await offer(`${system.lab.dir}/offered`, next ?? '');
      await change({ version: next });
      await eventually(async () => expect((await deployment())?.spec.template.spec.version).toBe(next), {
        timeoutMs: 3 * minutes,
        everyMs: 100,
        what: 'workers that may follow',
      });
      const plane = await system.kube.get(K0sControlPlane, clusterKey);
      expect(plane?.status).toMatchObject({ replicas: 1, versions: [{ version: next }] });
      await eventually(
        async () => {
          const versions = (await machines()).map(({ spec }) => spec.version);
          expect(versions).toEqual([next, next]);
        },
        { timeoutMs: 3 * minutes, everyMs: 200, what: 'two machines of the new version' },
      );
      await waitForNodes(workload, 1, 2 * minutes);
    },
    8 * minutes,
  );
});
