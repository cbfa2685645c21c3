import { Cluster, K0sControlPlane, K0sWorkerConfig } from '@k0smotron/api';
import {
  applyManifests,
  clusterKey,
  controlPlaneManifests,
  followControllers,
  machineDeploymentManifests,
  pooledMachines,
  prepareGround,
  waitForCondition,
  waitForControllers,
  waitForNodes,
  workloadClient,
  type System,
} from '@k0smotron/scenarios';
import { eventually } from '@k0smotron/testing';
import { timed, type Figure } from './figure.ts';
import { memory } from './services.ts';

/** The life of one cluster: the original's figures are those of sandbox.md §5. */
export async function* benchCluster(system: System): AsyncGenerator<Figure> {
  const ground = await prepareGround(system, 4);
  const { machines, values, loadBalancer } = ground;
  const { kube } = system;
  const follow = setInterval(() => void followControllers(system, loadBalancer).catch(() => undefined), 500);
  try {
    await applyManifests(system, [
      ...pooledMachines('default', machines.slice(0, 3)),
      ...pooledMachines('worker-pool', machines.slice(3)),
    ]);
    const manifests = await controlPlaneManifests(values);
    const first = await timed(async () => {
      await applyManifests(system, manifests);
      await waitForCondition(kube, K0sControlPlane, clusterKey, {
        type: 'Available',
        status: 'True',
        timeoutMs: 180_000,
      });
    });
    yield {
      work: 'apply → control plane Available, 1 controller',
      value: first.seconds,
      unit: 's',
      original: '33 s',
      aim: '≤ 21 s',
    };

    await applyManifests(system, await machineDeploymentManifests(values));
    const worker = await timed(() => firstWorkerHasData(system));
    yield { work: 'worker applied → its bootstrap data is ready', value: worker.seconds, unit: 's', original: '4 s' };
    const workload = await workloadClient(system);
    const joined = await timed(() => waitForNodes(workload, 1, 180_000));
    yield { work: 'bootstrap data → worker Node Ready', value: joined.seconds, unit: 's' };

    const grown = await timed(async () => {
      await kube.patch(K0sControlPlane, clusterKey, { type: 'merge', body: { spec: { replicas: 3 } } });
      await waitForControllers(system, 3, 300_000);
    });
    yield { work: 'scale 1 → 3 controllers', value: grown.seconds, unit: 's', original: '104 s', aim: '≤ 47 s' };
    yield* memory(system.services, 'one cluster');
    await workload.close();

    const gone = await timed(async () => {
      await kube.remove(Cluster, clusterKey);
      await eventually(
        async () => {
          if (await kube.get(Cluster, clusterKey)) throw new Error('the Cluster is still there');
        },
        { timeoutMs: 180_000, everyMs: 100, what: 'the Cluster to be gone' },
      );
    });
    yield {
      work: 'delete the cluster (3 controllers, 1 worker)',
      value: gone.seconds,
      unit: 's',
      original: '29 s',
      aim: '≤ 15 s',
    };
  } finally {
    clearInterval(follow);
    await ground.close();
  }
}

const firstWorkerHasData = ({ kube }: System): Promise<void> =>
  eventually(
    async () => {
      const configs = await kube.list(K0sWorkerConfig, { namespace: 'default' });
      if (!configs.some(({ status }) => status?.initialization?.dataSecretCreated))
        throw new Error('no bootstrap data yet');
    },
    { timeoutMs: 60_000, everyMs: 50, what: 'bootstrap data of the worker' },
  );
