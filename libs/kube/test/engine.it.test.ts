import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentMeter } from '@k0smotron/core';
import {
  Cache,
  connectKube,
  createApplier,
  holdLease,
  reflect,
  type HeldLease,
  type KubeClient,
} from '../src/index.ts';
import { eventually } from '@k0smotron/testing';
import { ConfigMap, makeNamespace, startApiServer, type ApiServer } from './api-server.ts';
import { leaseKind, microTime, withSpec } from '../src/lease-record.ts';

let server: ApiServer;
let namespace: string;
beforeAll(async () => {
  server = await startApiServer();
  namespace = await makeNamespace(server, 'engine');
});
afterAll(() => server?.close());

const put = (name: string, value: string): Promise<ConfigMap> =>
  server.client.apply(ConfigMap, { metadata: { namespace, name }, data: { value } }, { fieldManager: 'test' });

/** A cache that follows the ConfigMaps of the namespace. */
function follow(client: KubeClient, over: AbortController, options: { readonly idleLimitMs?: number } = {}) {
  const cache = new Cache<ConfigMap>();
  const ended = reflect({ client, kind: ConfigMap, namespace, sink: cache, ...options }, over.signal);
  const value = (name: string): string | undefined => cache.get({ namespace, name })?.data?.value;
  return { cache, ended, value };
}

describe('reflecting a real API server', () => {
  it('catches up after the server was restarted, removals included', async () => {
    const over = new AbortController();
    const { cache, ended, value } = follow(server.client, over);
    await put('kept', 'one');
    await put('gone', 'one');
    await eventually(() => expect([value('kept'), value('gone')]).toEqual(['one', 'one']));

    await server.controlPlane.restart();
    const { metadata } = await eventually(() => put('kept', 'two'));
    await server.client.remove(ConfigMap, { namespace, name: 'gone' });
    await eventually(() => expect([value('kept'), value('gone')]).toEqual(['two', undefined]), { timeoutMs: 40_000 });
    expect(cache.hasSeen(metadata.resourceVersion)).toBe(true);
    over.abort();
    await ended;
  });
});

describe('an applier on a real API server', () => {
  it('sends nothing while intent and object are unchanged, and sends again when either is not', async () => {
    let requests = 0;
    const counted = connectKube(server.config, {
      meter: { ...silentMeter, count: (name) => void (requests += name === 'kube_requests' ? 1 : 0) },
    });
    const applier = createApplier(counted, 'applier');
    const key = { namespace, name: 'applied' };
    const apply = async (value: string): Promise<number> => {
      const stored = await server.client.get(ConfigMap, key);
      const before = requests;
      await applier.apply(ConfigMap, { metadata: key, data: { value } }, { stored });
      return requests - before;
    };
    expect([await apply('one'), await apply('one'), await apply('one')]).toEqual([1, 0, 0]);
    await put('applied', 'by another');
    expect([await apply('one'), await apply('one')]).toEqual([1, 0]);
    expect((await server.client.get(ConfigMap, key))?.data).toEqual({ value: 'one' });
    await server.client.remove(ConfigMap, key);
    expect([await apply('one'), await apply('two'), await apply('two')]).toEqual([1, 1, 0]);
    await counted.close();
  });
});

describe('connections (ER-6)', () => {
  it('renews a lease in under 100 ms beside 30 watches and 100 calls', async () => {
    const over = new AbortController();
    const caches = Array.from({ length: 30 }, () => follow(server.client, over));
    await eventually(() => expect(caches.every(({ cache }) => cache.synced)).toBe(true));
    const calls = async (): Promise<void> => {
      await Promise.all(Array.from({ length: 100 }, () => server.client.list(ConfigMap, { namespace })));
    };
    const own = server.client.separate(1);
    let lease = await own.create(leaseKind, { metadata: { namespace, name: 'timed' }, spec: {} });
    await calls();

    const renew = async (): Promise<number> => {
      const startedMs = performance.now();
      lease = await own.replace(leaseKind, withSpec(lease, { renewTime: microTime(new Date()) }));
      return performance.now() - startedMs;
    };
    const aloneMs: number[] = [];
    const besideMs: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      aloneMs.push(await renew());
      const busy = calls();
      besideMs.push(await renew());
      await busy;
    }
    over.abort();
    await Promise.all(caches.map(({ ended }) => ended));
    await own.close();
    const median = (values: number[]): number => values.toSorted((a, b) => a - b)[5] ?? 0;
    console.log(
      `a renewal alone ${median(aloneMs).toFixed(0)} ms, beside 30 watches and 100 calls ${median(besideMs).toFixed(0)} ms`,
    );
    // The machine may be busy with other tests: what counts is that a renewal waits in no line.
    expect(median(besideMs)).toBeLessThan(100 + 2 * median(aloneMs));
  });
});

describe('a lease on a real API server (ER-7, SR-7)', () => {
  const hold = (client: KubeClient, identity: string): Promise<HeldLease> =>
    holdLease(client, { namespace, name: 'leader', identity }, new AbortController().signal);

  it('hands over within 2.5 s of a release and within 15 s of a crash, never to two at a time', async () => {
    const first = await hold(server.client, 'first');
    const releasedMs = await waitingTime(hold(server.client, 'second'), () => first.release());
    expect(first.stillHeld()).toBe(false);
    const second = releasedMs.held;
    expect(second.epoch).toEqual({ leaseUid: first.epoch.leaseUid, transitions: first.epoch.transitions + 1 });
    await second.release();

    const mortal = mortalClient(server.client);
    const dying = await hold(mortal.client, 'dying');
    const crashed = await waitingTime(hold(server.client, 'third'), () => {
      mortal.die();
      return Promise.resolve();
    });
    expect(dying.stillHeld()).toBe(false);
    console.log(
      `hand-over: ${releasedMs.tookMs.toFixed(0)} ms after a release, ${crashed.tookMs.toFixed(0)} ms after a crash`,
    );
    expect(releasedMs.tookMs).toBeLessThan(2_500);
    expect(crashed.tookMs).toBeLessThan(15_000);
    await crashed.held.release();
  });
});

async function waitingTime(
  waiting: Promise<HeldLease>,
  end: () => Promise<void>,
): Promise<{ held: HeldLease; tookMs: number }> {
  // After two more renewals the other one is waiting and has seen one.
  const versions = new Set<string | undefined>();
  await eventually(async () => {
    versions.add((await server.client.get(leaseKind, { namespace, name: 'leader' }))?.metadata.resourceVersion);
    expect(versions.size).toBe(3);
  });
  const startedMs = performance.now();
  await end();
  const held = await waiting;
  return { held, tookMs: performance.now() - startedMs };
}

/** A client whose writes stop arriving once it is dead, as those of a process that was killed. */
function mortalClient(client: KubeClient): { client: KubeClient; die: () => void } {
  let dead = false;
  const wrap = (inner: KubeClient): KubeClient =>
    new Proxy(inner, {
      get: (target, name: keyof KubeClient) => {
        if (name === 'separate') return (maxCalls: number) => wrap(target.separate(maxCalls));
        if (dead && name !== 'close') return () => Promise.reject(new Error('dead'));
        return (target[name] as (...args: unknown[]) => unknown).bind(target);
      },
    });
  return {
    client: wrap(client),
    die: () => {
      dead = true;
    },
  };
}
