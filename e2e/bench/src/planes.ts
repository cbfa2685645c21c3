import { K0smotronCluster } from '@k0smotron/api';
import { conditionOf, type System } from '@k0smotron/scenarios';
import { eventually } from '@k0smotron/testing';
import { quietCosts, startMeter, sumOf } from './costs.ts';
import { timed, type Figure } from './figure.ts';
import { addressOf, apiPort, konnectivityPort, namespace, ofPlanes, playPlanes, StatefulSet } from './played-planes.ts';
import { memory } from './services.ts';

const count = Number(process.env['K0SMOTRON_BENCH_PLANES'] ?? 100);
const minutes = Number(process.env['K0SMOTRON_BENCH_QUIET_MINUTES'] ?? 3);
const what = `${count} hosted control planes`;

/**
 * Many hosted control planes at once, and what they cost when they rest. Their pods, etcd and APIs are played
 * (played-planes.ts), so the figures are of our services and of the API server, not of k0s.
 */
export async function* benchPlanes(system: System): AsyncGenerator<Figure> {
  const names = Array.from({ length: count }, (_, at) => `plane-${at + 1}`);
  const stop = new AbortController();
  const playing = playPlanes(system.kube, new Map(names.map((name, at) => [name, at + 1])), stop.signal);
  try {
    yield* makeAll(system, names);
    yield* memory(system.services, what);
    await nothingWritten(system);
    yield* quietCosts(system, { what, minutes });
    yield* memory(system.services, `${what} at rest`, count >= 1000 ? '≤ 220 MB' : '≤ 110 MB');
  } finally {
    stop.abort();
    await playing;
  }
}

async function* makeAll(system: System, names: readonly string[]): AsyncGenerator<Figure> {
  const { kube } = system;
  const meter = await startMeter(system);
  try {
    const applied = timed(async () => {
      for (const name of names) await kube.create(K0smotronCluster, planeOf(name));
    });
    const complete = timed(() => allComplete(system));
    const available = timed(() => allAvailable(system));
    yield { work: `${what}: applied`, value: (await applied).seconds, unit: 's', original: '46 s' };
    const aim = 'of 100 ≤ 60 s';
    yield { work: `${what}: all objects there`, value: (await complete).seconds, unit: 's', original: '77 s', aim };
    yield { work: `${what}: all Available`, value: (await available).seconds, unit: 's' };
    const costs = await meter.read();
    const calls = { original: '10160 of all', aim: 'of 100 ≤ 6000' };
    yield { work: `${what}: requests of ours`, value: sumOf(costs, 'calls'), unit: '', ...calls };
    const cpu = { original: '58.0 s', aim: 'of 100 ≤ 58 s' };
    yield { work: `${what}: CPU of ours`, value: sumOf(costs, 'cpuSeconds'), unit: 's', ...cpu };
  } finally {
    await meter.close();
  }
}

const planeOf = (name: string) =>
  ({
    metadata: { namespace, name },
    spec: {
      version: 'v1.34.4+k0s.0',
      externalAddress: addressOf(Number(name.split('-').at(-1))),
      service: { type: 'ClusterIP', apiPort, konnectivityPort },
      storage: { type: 'etcd' },
    },
  }) as never;

/** The StatefulSet of API servers is the last of a plane's objects. */
const allComplete = ({ kube }: System): Promise<void> =>
  eventually(
    async () => {
      const sets = await kube.list(StatefulSet, ofPlanes);
      if (sets.length < 2 * count) throw new Error(`${sets.length} of ${2 * count} StatefulSets`);
    },
    { timeoutMs: 40 * 60_000, everyMs: 500, what: `the objects of ${what}` },
  );

const allAvailable = ({ kube }: System): Promise<void> =>
  eventually(
    async () => {
      const planes = await kube.list(K0smotronCluster);
      const missing = planes.filter((plane) => conditionOf(plane, 'Available')?.status !== 'True');
      const [one] = missing;
      const why = one?.status?.conditions?.filter(({ status }) => status === 'False').map(({ message }) => message);
      if (one || planes.length < count)
        throw new Error(`${planes.length - missing.length} of ${count}; ${one?.metadata.name}: ${why?.join('; ')}`);
    },
    { timeoutMs: 40 * 60_000, everyMs: 1000, what: `${what} to be Available` },
  );

/** Until no object of any plane has changed for half a minute. */
async function nothingWritten({ kube }: System): Promise<void> {
  const versions = async (): Promise<string> =>
    (await kube.list(K0smotronCluster)).map(({ metadata }) => metadata.resourceVersion).join();
  let [before, sinceMs] = ['', 0];
  await eventually(
    async () => {
      const now = await versions();
      if (now !== before) [before, sinceMs] = [now, performance.now()];
      if (performance.now() - sinceMs < 30_000) throw new Error('planes were written');
    },
    { timeoutMs: 600_000, everyMs: 2000, what: 'half a minute without a change' },
  );
}
