import { setTimeout as delay } from 'node:timers/promises';
import { K0sControlPlane, K0sWorkerConfig } from '@k0smotron/api';
import {
  applyManifests,
  clusterKey,
  controlPlaneManifests,
  followControllers,
  pooledMachines,
  prepareGround,
  singleWorkerManifests,
  startAgain,
  waitForCondition,
  waitForNodes,
  workloadClient,
  type RequestClass,
  type System,
} from '@k0smotron/scenarios';
import { eventually } from '@k0smotron/testing';
import { quietCosts } from './costs.ts';
import type { Figure } from './figure.ts';
import { moveInto, waitForAll } from './moved-clusters.ts';
import { memory } from './services.ts';

const count = Number(process.env['K0SMOTRON_BENCH_CLUSTERS'] ?? 100);
/** One period of `--sync-period`, so that every settled object is looked at again once. */
const minutes = Number(process.env['K0SMOTRON_BENCH_QUIET_MINUTES'] ?? 10);

/**
 * What a hundred settled clusters cost when nothing happens: one real k0s cluster of a controller and a worker, and copies
 * of its objects (moved-clusters.ts). The original's figures are those of hosted control planes (sandbox.md §5).
 */
export async function* benchQuiet(system: System): AsyncGenerator<Figure> {
  const ground = await prepareGround(system, 2);
  const follow = setInterval(() => void followControllers(system, ground.loadBalancer).catch(() => undefined), 500);
  try {
    await makeFirst(system, ground);
    clearInterval(follow);
    const namespaces = Array.from({ length: count - 1 }, (_, at) => `quiet-${at + 1}`);
    await restarting(system, async () => {
      await moveInto(system, namespaces);
      await waitForAll(system, count);
      await nothingWritten(system);
    });
    yield* quietCosts(system, { what: `${count} settled clusters`, minutes });
    yield* memory(system.services, `${count} clusters`, '≤ 160 MB');
  } finally {
    clearInterval(follow);
    await ground.close();
  }
}

async function makeFirst(system: System, ground: Awaited<ReturnType<typeof prepareGround>>): Promise<void> {
  const { machines, values } = ground;
  const [controller, worker] = machines;
  if (!controller || !worker) throw new Error('two machines are needed');
  await applyManifests(system, [...pooledMachines('default', [controller]), ...(await controlPlaneManifests(values))]);
  const available = { type: 'Available', status: 'True', timeoutMs: 180_000 };
  await waitForCondition(system.kube, K0sControlPlane, clusterKey, available);
  await applyManifests(system, await singleWorkerManifests(values, worker));
  const workload = await workloadClient(system);
  await waitForNodes(workload, 1, 180_000);
  await workload.close();
  await eventually(
    async () => {
      const configs = await system.kube.list(K0sWorkerConfig, { namespace: clusterKey.namespace });
      if (configs.some(({ metadata }) => metadata.finalizers?.length)) throw new Error('its token is not revoked yet');
    },
    { timeoutMs: 60_000, what: 'the worker to have joined' },
  );
}

/** Starts services again that end while others write a lot, as a kubelet would. */
async function restarting(system: System, work: () => Promise<void>): Promise<void> {
  const restart = async (name: RequestClass['service']): Promise<void> => {
    for (;;) {
      const service = system.services.find((one) => one.name === name);
      await service?.process.exited;
      if (over) return;
      console.log(`    ${name} has ended and is started again`);
      await startAgain(system, name);
    }
  };
  let over = false;
  for (const { name } of system.services) void restart(name);
  try {
    await work();
  } finally {
    over = true;
  }
}

/** Until a whole minute has passed in which no status of ours changed. */
async function nothingWritten({ kube }: System): Promise<void> {
  const versions = async (): Promise<string> =>
    (await kube.list(K0sControlPlane)).map(({ metadata }) => metadata.resourceVersion).join();
  let before = await versions();
  await eventually(
    async () => {
      await delay(60_000);
      const now = await versions();
      if (now === before) return;
      before = now;
      throw new Error('control planes were written');
    },
    { timeoutMs: 600_000, what: 'a minute without a change' },
  );
}
