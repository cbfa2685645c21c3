import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ConfigMap } from '@k0smotron/api';
import { fakeBroker, type FakeBroker } from '@k0smotron/bus/testing';
import { silentLogger, silentMeter } from '@k0smotron/core';
import { isSealed, keyIdOf, tokenMinted, verifyChain, type Fact } from '@k0smotron/events';
import { fakeKube, type FakeKube } from '@k0smotron/kube/testing';
import { eventually, fakeClock } from '@k0smotron/testing';
import fc from 'fast-check';
import { dyingAfter } from '../testing/dying.ts';
import { Outbox } from './outbox.ts';
import { unknownAfterMs } from './next-head.ts';

const namespace = 'system';
const object = { kind: 'K0sWorkerConfig', namespace: 'default', name: 'w-0', uid: 'u1' };
const minted = (tokenId: string): Fact =>
  tokenMinted(object, { tokenId, role: 'worker', expiresAt: '2026-01-01T00:10:00Z' }, new Date(0));
/** How many effects belong together. */
const sizes = fc.constantFrom(1, 3, 8);
const ids = Array.from({ length: 8 }, (_, at) => `token${at}`);

/** One installation: what survives the processes. */
function installation() {
  const kube = fakeKube({ objects: [] });
  const broker = fakeBroker();
  const clock = fakeClock();
  const effects: string[] = [];
  const open = (signal: AbortSignal, budget = Infinity) => {
    const mortal = dyingAfter(kube, budget);
    const bus = broker.connect();
    const options = { service: 'bootstrap', namespace, logger: silentLogger, meter: silentMeter, clock } as const;
    const outbox = new Outbox({ ...options, log: bus.log!, onNewStream: (it) => bus.onNewStream(it) });
    const running = outbox.run({ kube: mortal.kube, epoch: 'lease/1' }, AbortSignal.any([signal, mortal.died]));
    const mint = (tokenId: string) =>
      outbox.around(
        mortal.kube,
        { fact: minted(tokenId), run: () => Promise.resolve(effects.push(tokenId)) },
        AbortSignal.any([signal, mortal.died]),
      );
    const mintAll = (tokenIds: readonly string[], failing?: string) =>
      outbox.aroundAll(
        mortal.kube,
        tokenIds.map((tokenId) => ({
          fact: minted(tokenId),
          run: () =>
            tokenId === failing ? Promise.reject(new Error('no route')) : Promise.resolve(effects.push(tokenId)),
        })),
        AbortSignal.any([signal, mortal.died]),
      );
    return { outbox, running, mint, mintAll, died: mortal.died };
  };
  return { kube, broker, clock, effects, open };
}

const configMaps = (kube: FakeKube) => kube.list(ConfigMap, { namespace });
const namesTold = (broker: FakeBroker) =>
  broker.facts.map(({ data }) => (data.details as { tokenId?: string }).tokenId ?? data.fact);

async function expectWhole(kube: FakeKube, broker: FakeBroker): Promise<void> {
  const [head] = await configMaps(kube);
  const { end } = JSON.parse(head?.data?.['head'] ?? '') as { end: { sequence: number; hash: string } };
  const publicKey = createPublicKey(head?.data?.['publicKey'] ?? '');
  const sealed = broker.facts.filter(isSealed);
  expect(sealed).toHaveLength(broker.facts.length);
  expect(verifyChain(sealed, { publicKeys: new Map([[keyIdOf(publicKey), publicKey]]), end })).toEqual([]);
}

const settled = (kube: FakeKube) => eventually(async () => expect(await configMaps(kube)).toHaveLength(1));

describe('an outbox', () => {
  it('tells each effect once, in order, and leaves nothing but the head', async () => {
    const { kube, broker, open } = installation();
    const stop = new AbortController();
    const { mint, running } = open(stop.signal);
    for (const id of ids) await mint(id);
    await mint('token0'); // a repeated reconcile
    await eventually(() => expect(namesTold(broker)).toEqual(ids));
    await settled(kube);
    await expectWhole(kube, broker);
    stop.abort();
    await running;
  });

  it('writes the intent before the effect, and keeps it when the effect fails', async () => {
    const { kube, broker, open } = installation();
    const stop = new AbortController();
    const { outbox, mint, running } = open(stop.signal);
    const failing = outbox.around(
      kube,
      {
        fact: minted('token0'),
        run: async () => {
          expect((await configMaps(kube)).map(({ data }) => data?.['fact'])).toContainEqual(
            JSON.stringify(minted('token0')),
          );
          throw new Error('no route');
        },
      },
      stop.signal,
    );
    await expect(failing).rejects.toThrow('no route');
    expect(broker.facts).toEqual([]);
    await mint('token0');
    await eventually(() => expect(namesTold(broker)).toEqual(['token0']));
    stop.abort();
    await running;
  });

  it('tells effects that belong together one by one, of one record that is written before the first of them', async () => {
    const { kube, broker, open } = installation();
    const stop = new AbortController();
    const { mintAll, running } = open(stop.signal);
    await settled(kube); // key and head
    const writes = () =>
      kube.calls.filter(({ verb, what }) => verb !== 'get' && verb !== 'list' && what === 'ConfigMap');
    const before = writes().length;
    expect(await mintAll(ids)).toEqual(ids.map((_, at) => at + 1));
    await eventually(() => expect(namesTold(broker)).toEqual(ids));
    await settled(kube);
    await expectWhole(kube, broker);
    await eventually(() =>
      expect(
        writes()
          .slice(before)
          .map(({ verb }) => verb),
      ).toEqual(['create', 'apply', 'replace', 'remove', 'replace']),
    );
    stop.abort();
    await running;
  });

  it('tells of those that went well, and of one that failed once it went well too', async () => {
    const { kube, broker, clock, open } = installation();
    const stop = new AbortController();
    const { mint, mintAll, running } = open(stop.signal);
    await expect(mintAll(['token0', 'token1', 'token2'], 'token1')).rejects.toThrow('no route');
    await eventually(() => expect(namesTold(broker)).toEqual(['token0', 'token2']));
    await eventually(async () => expect(await configMaps(kube)).toHaveLength(2));
    await mintAll(['token1', 'token2']);
    await eventually(() => expect(namesTold(broker)).toEqual(['token0', 'token2', 'token1']));
    await clock.advance(unknownAfterMs + 1);
    await mint('token3');
    await eventually(() => expect(namesTold(broker)).toEqual(['token0', 'token2', 'token1', 'token3']));
    await settled(kube); // what was intended alone is not told as unknown
    await expectWhole(kube, broker);
    stop.abort();
    await running;
  });

  it('tells how the effect turned out', async () => {
    const { broker, open } = installation();
    const stop = new AbortController();
    const { outbox, running } = open(stop.signal);
    const { kube } = installation();
    const told = { ...minted('token0'), time: '2026-02-02T00:00:00Z' };
    await outbox.around(kube, { fact: minted('token0'), run: () => Promise.resolve(7), tell: () => told }, stop.signal);
    await eventually(() => expect(broker.facts).toMatchObject([{ time: told.time }]));
    stop.abort();
    await running;
  });

  it('tells an effect that nobody came back to as unknown, and the late completion too', async () => {
    const { kube, broker, clock, open } = installation();
    const first = new AbortController();
    const dead = open(first.signal, 2); // key and head, then no more
    await Promise.allSettled([dead.running]);
    const stop = new AbortController();
    const half = open(stop.signal);
    const hanging = half.outbox.around(
      kube,
      { fact: minted('token0'), run: () => new Promise<void>(() => undefined) },
      stop.signal,
    );
    void hanging.catch(() => undefined);
    await half.mint('token1');
    await eventually(() => expect(namesTold(broker)).toEqual(['token1']));
    await clock.advance(unknownAfterMs + 1);
    await half.mint('token2');
    await eventually(() => expect(broker.facts).toHaveLength(3));
    const unknown = broker.facts.filter(({ data }) => data.outcome === 'unknown');
    expect(unknown).toMatchObject([{ data: { details: { tokenId: 'token0' } } }]);
    expect(unknown[0]?.id).not.toBe(minted('token0').id);
    await expectWhole(kube, broker);
    stop.abort();
    await half.running;
  });

  it('tells a lost stream as a gap, without waiting for the next effect', async () => {
    const { kube, broker, open } = installation();
    const stop = new AbortController();
    const { mint, running } = open(stop.signal);
    await mint('token0');
    await settled(kube);
    broker.wipe();
    await eventually(() => expect(namesTold(broker)).toEqual(['audit-gap-found']));
    expect(broker.facts).toMatchObject([{ chainsequence: 2, data: { details: { lastSequence: 1 } } }]);
    await settled(kube);
    await mint('token1');
    await eventually(() => expect(namesTold(broker)).toEqual(['audit-gap-found', 'token1']));
    stop.abort();
    await running;
  });

  it('keeps everything while the broker is away, for the next process too', async () => {
    const { kube, broker, clock, open } = installation();
    broker.stop();
    const first = new AbortController();
    const before = open(first.signal);
    for (const id of ids.slice(0, 4)) await before.mint(id);
    first.abort();
    await before.running;
    await clock.advance(1);
    const stop = new AbortController();
    const after = open(stop.signal);
    for (const id of ids.slice(4)) await after.mint(id);
    broker.start();
    await eventually(() => expect(namesTold(broker)).toEqual(ids));
    await settled(kube);
    await expectWhole(kube, broker);
    stop.abort();
    await after.running;
  });

  it('gets through what an outage has left although each process dies soon', async () => {
    const { kube, broker, open } = installation();
    broker.stop();
    const stop = new AbortController();
    const before = open(stop.signal);
    for (let at = 0; at < 40; at += 1) await before.mint(`left${at}`);
    stop.abort();
    await before.running;
    broker.start();
    const left = async () => (await configMaps(kube)).length - 1;
    for (let lives = 0; lives < 10 && (await left()) > 0; lives += 1) {
      const end = new AbortController();
      const life = open(end.signal, 20);
      await eventually(async () => expect(life.died.aborted || (await left()) === 0).toBe(true));
      end.abort();
      await life.running;
    }
    expect(await left()).toBe(0);
    expect(broker.facts).toHaveLength(40);
    await expectWhole(kube, broker);
  }, 60_000);

  it('tells every effect once and in one unbroken chain, whenever processes die', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 }), sizes, async (budgets, size) => {
        const { kube, broker, effects, open } = installation();
        const done = new Set<string>();
        for (const budget of [...budgets, Infinity]) {
          const stop = new AbortController();
          const life = open(stop.signal, budget);
          for (let at = 0; at < ids.length; at += size) {
            const together = ids.slice(at, at + size);
            if (done.has(together[0] ?? '') || life.died.aborted) continue;
            await life.mintAll(together).then(
              () => together.forEach((id) => done.add(id)),
              () => undefined,
            );
          }
          if (budget === Infinity) await settled(kube);
          stop.abort();
          await life.running;
        }
        expect([...namesTold(broker)].sort()).toEqual([...ids].sort());
        expect(new Set(effects)).toEqual(new Set(ids));
        await expectWhole(kube, broker);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
