import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { silentMeter, type Kind, type KubeObject, type Meter } from '@k0smotron/core';
import { eventually, startFaultProxy, type FaultProxy } from '@k0smotron/testing';
import fc from 'fast-check';
import {
  Cache,
  connectKube,
  ExpiredError,
  reflect,
  UnreachableError,
  WorkloadClusters,
  type ConnectOptions,
  type KubeClient,
  type WatchOptions,
} from '../src/index.ts';
import { adminConfig, ConfigMap, makeNamespace, startApiServer, type ApiServer } from './api-server.ts';

const Secret: Kind<KubeObject & { data?: unknown }> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

let server: ApiServer;
let namespace: string;
let proxy: FaultProxy;
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  server = await startApiServer();
  namespace = await makeNamespace(server, 'faults');
  const { hostname, port } = new URL(server.controlPlane.url);
  proxy = await startFaultProxy({ host: hostname, port: Number(port) });
});
afterEach(async () => {
  proxy.heal();
  for (const close of closers.splice(0).toReversed()) await close();
});
afterAll(async () => {
  await proxy?.close();
  await server?.close();
});

/** A client behind the proxy. */
async function clientThroughProxy(options: ConnectOptions = {}): Promise<KubeClient> {
  const client = connectKube({ ...(await adminConfig(server)), server: `https://127.0.0.1:${proxy.port}` }, options);
  closers.push(() => client.close());
  return client;
}

const put = (name: string, value: string): Promise<ConfigMap> =>
  server.client.apply(ConfigMap, { metadata: { namespace, name }, data: { value } }, { fieldManager: 'test' });

/** Counts lists. */
function listCounter(): Meter & { readonly lists: () => number } {
  let lists = 0;
  return {
    ...silentMeter,
    count: (name) => {
      if (name === 'kube_lists') lists += 1;
    },
    lists: () => lists,
  };
}

interface Following {
  readonly values: () => Record<string, string | undefined>;
  readonly lists: () => number;
}

/** A cache that follows the ConfigMaps of the namespace through the given client, until the test ends. */
function follow(
  client: Pick<KubeClient, 'listing' | 'watch'>,
  options: { readonly idleLimitMs?: number } = {},
): Following {
  const cache = new Cache<ConfigMap>();
  const meter = listCounter();
  const over = new AbortController();
  const ended = reflect({ client, kind: ConfigMap, namespace, sink: cache, meter, ...options }, over.signal);
  closers.push(async () => {
    over.abort();
    await ended;
  });
  const values = (): Record<string, string | undefined> =>
    Object.fromEntries(
      cache
        .list()
        .filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
        .map(({ metadata, data }) => [metadata.name, data?.['value']]),
    );
  return { values, lists: meter.lists };
}

async function stored(): Promise<Record<string, string | undefined>> {
  const all = await server.client.list(ConfigMap, { namespace });
  return Object.fromEntries(all.map(({ metadata, data }) => [metadata.name, data?.['value']]));
}

const catchesUp = ({ values }: Following, timeoutMs = 30_000): Promise<void> =>
  eventually(async () => expect(values()).toEqual(await stored()), { timeoutMs, what: 'the same in cache and server' });

describe('a watch of a real API server', () => {
  it('gets 410 for a version that is too old, and is then listed again, once', async () => {
    const { client } = server;
    await put('a', 'one');
    await server.controlPlane.restart(); // what was before is no longer in its watch cache
    const outdated = (options: WatchOptions): WatchOptions => ({ ...options, resourceVersion: '1' });
    const watch = async (): Promise<void> => {
      const options = outdated({ namespace, resourceVersion: '' });
      for await (const _ of client.watch(ConfigMap, options, AbortSignal.timeout(20_000)));
    };
    await expect(watch()).rejects.toBeInstanceOf(ExpiredError);

    let watches = 0;
    const { values, lists } = follow({
      listing: (...args) => client.listing(...args),
      watch: (kind, options, signal) => client.watch(kind, (watches += 1) === 1 ? outdated(options) : options, signal),
    });
    await eventually(() => expect(watches).toBe(2));
    await put('a', 'two');
    await eventually(() => expect(values()['a']).toBe('two'));
    expect(lists()).toBe(2);
  });

  it('is given up when it is open and dead, and resumed without a list', async () => {
    const following = follow(await clientThroughProxy(), { idleLimitMs: 2_000 });
    await put('a', 'one');
    await catchesUp(following);
    proxy.inject({ kind: 'silence', direction: 'to client' });
    proxy.heal();
    await put('a', 'two');
    await catchesUp(following, 15_000);
    expect(following.lists()).toBe(1);
  });

  it('shows the end state, whatever befalls the connection', async () => {
    const name = fc.constantFrom('p', 'q', 'r');
    const event = fc.oneof(
      fc.record({ what: fc.constant('put' as const), name, value: fc.string({ minLength: 1, maxLength: 2_000 }) }),
      fc.record({ what: fc.constant('remove' as const), name }),
      fc.record({ what: fc.constant('cut at a byte' as const), afterBytes: fc.integer({ min: 0, max: 3_000 }) }),
      fc.record({ what: fc.constant('cut now' as const) }),
      fc.record({ what: fc.constant('delay' as const), ms: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ what: fc.constant('throttle' as const), bytesPerSecond: fc.integer({ min: 20_000, max: 200_000 }) }),
      fc.record({ what: fc.constant('refuse' as const) }),
      fc.record({ what: fc.constant('heal' as const) }),
    );
    const happen = async (happening: typeof event extends fc.Arbitrary<infer E> ? E : never): Promise<void> => {
      if (happening.what === 'put') await put(happening.name, happening.value);
      else if (happening.what === 'remove') await server.client.remove(ConfigMap, { namespace, name: happening.name });
      else if (happening.what === 'cut at a byte') proxy.inject({ ...happening, kind: 'cut', direction: 'to client' });
      else if (happening.what === 'cut now') proxy.cutAll();
      else if (happening.what === 'heal') proxy.heal();
      else if (happening.what === 'refuse') proxy.inject({ kind: 'refuse' });
      else if (happening.what === 'delay') proxy.inject({ kind: 'delay', ms: happening.ms });
      else proxy.inject({ kind: 'throttle', bytesPerSecond: happening.bytesPerSecond });
    };
    const following = follow(await clientThroughProxy());
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 25 }), async (events) => {
        for (const happening of events) await happen(happening);
        proxy.heal();
        await catchesUp(following);
      }),
      { numRuns: 8, seed: 20261122, endOnFailure: true },
    );
    expect(following.lists()).toBe(1);
  }, 180_000);
});

describe('an outage of 30 s', () => {
  it('is survived by 25 watches without a list, and they come back spread over time', async () => {
    const client = await clientThroughProxy();
    const all = Array.from({ length: 25 }, () => follow(client));
    await put('a', 'before');
    for (const following of all) await catchesUp(following);
    const acceptedBefore = proxy.accepted;

    const startedMs = performance.now();
    proxy.inject({ kind: 'refuse' });
    await put('a', 'during');
    await eventually(() => expect(performance.now() - startedMs).toBeGreaterThan(30_000), { timeoutMs: 40_000 });
    const attempts = proxy.accepted - acceptedBefore;
    proxy.heal();
    const healedMs = performance.now();
    const backMs = await Promise.all(
      all.map(async (following) => {
        await eventually(() => expect(following.values()['a']).toBe('during'), { timeoutMs: 45_000, everyMs: 10 });
        return performance.now() - healedMs;
      }),
    );
    backMs.sort((a, b) => a - b);
    const seconds = (at: number): string => ((backMs[at] ?? 0) / 1_000).toFixed(1);
    console.log(
      `25 watches, 30 s away: ${attempts} attempts, back after ${seconds(0)}, ${seconds(12)}, ${seconds(24)} s`,
    );
    expect(all.map(({ lists }) => lists())).toEqual(all.map(() => 1));
    expect(attempts).toBeLessThanOrEqual(25 * 15);
    // Not a herd: the back-off is up to 10 s by now, half of it random.
    expect((backMs[24] ?? 0) - (backMs[0] ?? 0)).toBeGreaterThan(1_500);
  }, 120_000);
});

describe('calls that are swallowed', () => {
  it('end at the time limit, those that wait for a connection too', async () => {
    const client = await clientThroughProxy({ maxCalls: 1, callLimitMs: 1_500 });
    await client.list(ConfigMap, { namespace });
    proxy.inject({ kind: 'silence' });
    const startedMs = performance.now();
    const results = await Promise.allSettled([1, 2, 3].map(() => client.list(ConfigMap, { namespace })));
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(UnreachableError) });
    }
    proxy.heal();
    await client.list(ConfigMap, { namespace });
  });

  it('by a workload cluster hold up one caller only, and the cluster is found again', async () => {
    const cluster = { namespace, name: 'swallowing' };
    const yaml = (await server.controlPlane.kubectl('config', 'view', '--raw')).replace(
      server.controlPlane.url,
      `https://127.0.0.1:${proxy.port}`,
    );
    const data = { value: Buffer.from(yaml).toString('base64') };
    await server.client.apply(
      Secret,
      { metadata: { namespace, name: `${cluster.name}-kubeconfig` }, data },
      { fieldManager: 'test' },
    );
    const clusters = new WorkloadClusters({ management: server.client, callLimitMs: 2_500 });
    closers.push(() => clusters.close());
    const list = async (): Promise<unknown> => (await clusters.client(cluster))?.list(ConfigMap, { namespace });
    await list();
    proxy.inject({ kind: 'silence' });
    await expect(list()).rejects.toThrow(/no answer within 2500 ms/);
    const startedMs = performance.now();
    await expect(list()).rejects.toThrow(/Cluster faults\/swallowing does not answer, tried again in \d s/);
    expect(performance.now() - startedMs).toBeLessThan(500);
    proxy.heal();
    await eventually(list, { timeoutMs: 20_000 });
  });
});
