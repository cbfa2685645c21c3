import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { countRequests, type RequestClass, type System } from '@k0smotron/scenarios';
import type { Figure } from './figure.ts';

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own clock is (`USER_HZ`). */
const ticksPerSecond = 100;

/** What a service has cost since the meter was read before. */
export interface Cost {
  readonly name: string;
  readonly cpuSeconds: number;
  /** Requests to the API server by its own count, without watches and leases. */
  readonly calls: number;
  readonly watches: number;
  readonly leases: number;
}

/** Counts what services cost. */
export interface Meter {
  /** Costs since the meter was started or read. */
  read(): Promise<readonly Cost[]>;
  close(): Promise<void>;
}

/** Starts to count. What each service says that it asked for is told in a line at each reading. */
export async function startMeter({ kube, services }: System): Promise<Meter> {
  const counter = await countRequests(
    kube,
    services.flatMap(({ name }) => classesOf(name)),
  );
  const look = async () => ({
    requests: await counter.read(),
    cpu: await Promise.all(services.map(({ process }) => cpuSeconds(process.pid))),
    calls: await Promise.all(services.map(callsOf)),
  });
  let before = await look();
  return {
    async read() {
      const now = await look();
      const costs = services.map(({ name }, at) => {
        tellNoise(name, before.calls[at], now.calls[at] ?? new Map());
        const requests = (what: string): number => {
          const key = `bench-${name}-${what}`;
          return (now.requests.get(key) ?? 0) - (before.requests.get(key) ?? 0);
        };
        const cpu = (now.cpu[at] ?? 0) - (before.cpu[at] ?? 0);
        return {
          ...{ name, cpuSeconds: cpu, calls: requests('calls') },
          ...{ watches: requests('watches'), leases: requests('leases') },
        };
      });
      before = now;
      return costs;
    },
    close: () => counter.close(),
  };
}

/** The sum of one cost over all services. */
export const sumOf = (costs: readonly Cost[], what: Exclude<keyof Cost, 'name'>): number =>
  costs.reduce((sum, cost) => sum + cost[what], 0);

/** What a minute costs in which nothing happens, for each service and for all. */
export async function* quietCosts(
  system: System,
  { what, minutes }: { readonly what: string; readonly minutes: number },
): AsyncGenerator<Figure> {
  const meter = await startMeter(system);
  try {
    await delay(minutes * 60_000);
    const costs = await meter.read();
    for (const { name, calls } of costs)
      yield { work: `${what}: requests of ${name}`, value: calls / minutes, unit: '/min' };
    const total = { original: '2356 /min', aim: '≤ 200 /min' };
    yield { work: `${what}: requests of all four`, value: sumOf(costs, 'calls') / minutes, unit: '/min', ...total };
    yield { work: `${what}: watches begun anew`, value: sumOf(costs, 'watches') / minutes, unit: '/min' };
    yield { work: `${what}: requests for leases`, value: sumOf(costs, 'leases') / minutes, unit: '/min' };
    for (const { name, cpuSeconds: cpu } of costs)
      yield { work: `${what}: CPU of ${name}`, value: cpu / minutes, unit: 's/min' };
    const cpu = sumOf(costs, 'cpuSeconds') / minutes;
    yield { work: `${what}: CPU of all four`, value: cpu, unit: 's/min', original: '3.7 s/min', aim: '≤ 1 s/min' };
  } finally {
    await meter.close();
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
