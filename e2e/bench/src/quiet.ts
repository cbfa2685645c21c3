import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { K0sControlPlane, K0sWorkerConfig } from '@k0smotron/api';
import {
  applyManifests,
  clusterKey,
  controlPlaneManifests,
  countRequests,
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
import type { Figure } from './figure.ts';
import { moveInto, waitForAll } from './moved-clusters.ts';
import { memory } from './services.ts';

const count = Number(process.env['K0SMOTRON_BENCH_CLUSTERS'] ?? 100);
/** One period of `--sync-period`, so that every settled object is looked at again once. */
const minutes = Number(process.env['K0SMOTRON_BENCH_QUIET_MINUTES'] ?? 10);
/** Linux counts CPU time in hundredths of a second, whatever the kernel's own clock is (`USER_HZ`). */
const ticksPerSecond = 100;

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
    yield* measure(system);
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

async function* measure({ kube, services }: System): AsyncGenerator<Figure> {
  const classes = services.flatMap(({ name }) => classesOf(name));
  const counter = await countRequests(kube, classes);
  try {
    const before = await Promise.all(services.map(({ process }) => cpuSeconds(process.pid)));
    const calls = await Promise.all(services.map(callsOf));
    await delay(minutes * 60_000);
    const after = await Promise.all(services.map(({ process }) => cpuSeconds(process.pid)));
    const requests = await counter.read();
    for (const [at, service] of services.entries()) tellNoise(service.name, calls[at], await callsOf(service));

    const perMinute = (what: 'calls' | 'watches' | 'leases', names = services.map(({ name }) => name)): number =>
      names.reduce((sum, name) => sum + (requests.get(`bench-${name}-${what}`) ?? 0), 0) / minutes;
    const what = `${count} settled clusters`;
    for (const { name } of services)
      yield { work: `${what}: requests of ${name}`, value: perMinute('calls', [name]), unit: '/min' };
    const total = { original: '2356 /min', aim: '≤ 200 /min' };
    yield { work: `${what}: requests of all four`, value: perMinute('calls'), unit: '/min', ...total };
    yield { work: `${what}: watches begun anew`, value: perMinute('watches'), unit: '/min' };
    yield { work: `${what}: requests for leases`, value: perMinute('leases'), unit: '/min' };
    const cpu = services.map((_, at) => ((after[at] ?? 0) - (before[at] ?? 0)) / minutes);
    for (const [at, { name }] of services.entries())
      yield { work: `${what}: CPU of ${name}`, value: cpu[at] ?? 0, unit: 's/min' };
    const sum = cpu.reduce((all, one) => all + one, 0);
    yield { work: `${what}: CPU of all four`, value: sum, unit: 's/min', original: '3.7 s/min', aim: '≤ 1 s/min' };
  } finally {
    await counter.close();
  }
}

const classesOf = (service: RequestClass['service']): RequestClass[] => {
  const every = { service, verbs: ['*'], groups: ['*'], resources: ['*'] };
  return [
    { ...every, name: `bench-${service}-leases`, groups: ['coordination.k8s.io'], resources: ['leases'], rank: 0 },
    { ...every, name: `bench-${service}-watches`, verbs: ['watch'], rank: 1 },
    { ...every, name: `bench-${service}-calls`, rank: 2 },
  ];
};

/** User and system time of a process so far. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from the third on: the second may hold blanks
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** What a service says itself that it asked for: `GET secrets` and how often. */
async function callsOf({ diagnosticsPort }: System['services'][number]): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${diagnosticsPort}/metrics`)).text();
  const calls = new Map<string, number>();
  for (const [, labels = '', value] of text.matchAll(/^k0smotron_kube_requests_total\{([^}]*)\} (\S+)/gm)) {
    const label = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const what = `${label('method')} ${label('resource')} ${label('code')}`;
    calls.set(what, (calls.get(what) ?? 0) + Number(value));
  }
  return calls;
}

function tellNoise(name: string, before: ReadonlyMap<string, number> | undefined, after: ReadonlyMap<string, number>) {
  const more = [...after].map(([what, value]) => [what, value - (before?.get(what) ?? 0)] as const);
  const most = more.filter(([, value]) => value > 0).sort(([, a], [, b]) => b - a);
  console.log(`    ${name}: ${most.map(([what, value]) => `${what} ${value}`).join(', ') || 'nothing'}`);
}
