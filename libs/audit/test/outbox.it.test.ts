import { createPublicKey } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigMap, Namespace, Secret } from '@k0smotron/api';
import { connectBus, type Bus } from '@k0smotron/bus';
import { silentLogger, silentMeter } from '@k0smotron/core';
import { allSubjects, isSealed, keyIdOf, tokenMinted, verifyChain, type SealedFact } from '@k0smotron/events';
import { connectKube, loadKubeConfig, type KubeClient } from '@k0smotron/kube';
import { openLab, startControlPlane, startNats, type Lab, type NatsServer } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { dyingAfter } from '../testing/dying.ts';
import { openAudit } from '../src/index.ts';

const namespace = 'audit-system';
const object = { kind: 'K0sWorkerConfig', namespace: 'default', name: 'w-0', uid: 'u1', cluster: 'demo' };
const minted = (tokenId: string) =>
  tokenMinted(object, { tokenId, role: 'worker', expiresAt: '2026-01-01T00:10:00Z' }, new Date());

describe('the outbox on a real API server and a real nats-server', () => {
  let lab: Lab;
  let nats: NatsServer;
  let kube: KubeClient;

  beforeAll(async () => {
    lab = await openLab();
    const [server, broker] = await Promise.all([startControlPlane(lab), startNats(lab)]);
    nats = broker;
    kube = connectKube(await loadKubeConfig({ path: server.kubeconfigPath, env: {} }), { userAgent: 'audit-test' });
    await kube.create(Namespace, { metadata: { name: namespace } });
  }, 300_000);
  afterAll(async () => {
    await kube?.close();
    await lab?.close();
  });

  /** One life of a service process, killed after so many writes to Kubernetes. */
  async function live(writes = Infinity) {
    const bus = await connectBus({ url: nats.url, name: 'bootstrap' });
    const mortal = dyingAfter(kube, writes);
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, mortal.died]);
    const options = { service: 'bootstrap', namespace, bus, logger: silentLogger, meter: silentMeter } as const;
    const { audit, run } = openAudit(options);
    const running = run({ kube: mortal.kube, epoch: 'lease/1' }, signal);
    return {
      died: mortal.died,
      mint: (...tokenIds: readonly string[]) =>
        audit.aroundAll(
          mortal.kube,
          tokenIds.map((tokenId) => ({ fact: minted(tokenId), run: () => Promise.resolve() })),
          signal,
        ),
      async end() {
        stop.abort();
        await running;
        await bus.close();
      },
    };
  }

  /** What a consumer saw, each id once. */
  function consumer(bus: Bus, durable: string): { readonly seen: SealedFact[]; stop(): Promise<void> } {
    const seen: SealedFact[] = [];
    const subscription = bus.consume({ durable, filter: allSubjects, from: 'all' }, (fact) => {
      if (isSealed(fact)) seen.push(fact);
    });
    return { seen, stop: () => subscription.stop() };
  }

  const outbox = () => kube.list(ConfigMap, { namespace, labelSelector: 'k0smotron.io/audit-outbox=bootstrap' });
  const headOf = async () => {
    const { data } = (await kube.get(ConfigMap, { namespace, name: 'k0smotron-audit-bootstrap' }))!;
    const publicKey = createPublicKey(data?.['publicKey'] ?? '');
    const { end } = JSON.parse(data?.['head'] ?? '') as { end: { sequence: number; hash: string } };
    return { end, publicKeys: new Map([[keyIdOf(publicKey), publicKey]]) };
  };
  const ids = (facts: readonly SealedFact[]) =>
    facts.map(({ data }) => (data.details as { tokenId?: string }).tokenId ?? data.fact);

  it('tells every effect once, whatever is killed or away, and a wiped disk as a gap', async () => {
    const reader = await connectBus({ url: nats.url, name: 'auditor' });
    const before = consumer(reader, 'auditor');
    const wanted: string[] = [];

    // Killed after every number of writes; what was not confirmed is repeated by the next life, as reconciles do.
    for (let writes = 1; writes <= 12; writes += 1) {
      if (writes === 4) await nats.stop(); // lives 4 to 8 work without a broker
      if (writes === 9) await nats.start();
      const life = await live(writes);
      wanted.push(`token${writes}`, `other${writes}`);
      for (const at of [-6, -4, -2]) {
        const together = wanted.slice(at, at + 2 || undefined);
        await life.mint(...together).catch(() => undefined);
      }
      await life.end();
    }
    const last = await live();
    for (let at = 0; at < wanted.length; at += 2) await last.mint(...wanted.slice(at, at + 2));
    await eventually(async () => expect(await outbox()).toEqual([]), { timeoutMs: 60_000 });
    await eventually(() => expect([...ids(before.seen)].sort()).toEqual([...wanted].sort()), { timeoutMs: 30_000 });
    expect(verifyChain(before.seen, await headOf())).toEqual([]);
    await before.stop();

    await nats.stop();
    await rm(join(lab.dir, 'nats'), { recursive: true, force: true });
    await nats.start();
    const after = consumer(reader, 'auditor-after');
    await eventually(() => expect(ids(after.seen)).toEqual(['audit-gap-found']), { timeoutMs: 60_000 });
    await last.mint('late');
    await eventually(() => expect(ids(after.seen)).toEqual(['audit-gap-found', 'late']), { timeoutMs: 30_000 });
    await eventually(async () => expect(await outbox()).toEqual([]), { timeoutMs: 30_000 });
    const lost = before.seen.length;
    expect(verifyChain(after.seen, await headOf())).toEqual([{ kind: 'gap', from: 1, to: lost }]);
    expect(verifyChain([...before.seen, ...after.seen], await headOf())).toEqual([]);
    await after.stop();
    await last.end();
    await reader.close();
  }, 240_000);

  it('keeps its key in a Secret that cannot be changed', async () => {
    const key = await kube.get(Secret, { namespace, name: 'k0smotron-audit-bootstrap-key' });
    expect(key).toMatchObject({ immutable: true, type: 'Opaque' });
  });
});
