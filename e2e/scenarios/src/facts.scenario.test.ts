import { createPublicKey } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigMap, RemoteMachine } from '@k0smotron/api';
import { connectBus, type Bus } from '@k0smotron/bus';
import { allSubjects, isSealed, keyIdOf, verifyChain, type Fact } from '@k0smotron/events';
import { startMachines, type Machine } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from './cluster/apply.ts';
import { hostsCluster } from './remote-machine/objects.ts';
import { crashAndRestart, deleteMachines, waitProvisioned } from './remote-machine/observe.ts';
import { claims, poolHosts } from './remote-machine/pool.ts';
import { systemNamespace } from './system/service-account.ts';
import { startSystem, type System } from './system/start-system.ts';

const name = 'told';
const data = '#cloud-config\nruncmd:\n  - echo told >> /var/tmp/told\n';

/** What a reader saw of the infrastructure service, each id once, as SR-8 asks of readers. */
class Reader {
  readonly #facts = new Map<string, Fact>();
  readonly #stop: () => Promise<void>;

  constructor(bus: Bus, durable: string) {
    const subscription = bus.consume({ durable, filter: allSubjects, from: 'all' }, (fact) => {
      if (fact.data.service === 'infrastructure') this.#facts.set(fact.id, fact);
    });
    this.#stop = () => subscription.stop();
  }

  get facts(): readonly Fact[] {
    return [...this.#facts.values()];
  }

  /** Names of the facts with what tells equal ones apart. */
  get told(): readonly string[] {
    return this.facts.map(({ data: { fact, details } }) => [fact, ...wordsOf(details)].join(' ')).sort();
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

const wordsOf = (details: object): string[] =>
  ['purpose', 'exitCode', 'clean'].flatMap((key) => (key in details ? [String(details[key as never])] : []));

describe('what is told over NATS', () => {
  let system: System;
  let host: Machine;
  let bus: Bus;

  beforeAll(async () => {
    system = await startSystem();
    [host] = (await startMachines(system.lab, 1)) as [Machine];
    await applyManifests(system, [...hostsCluster(), ...poolHosts('pool', [host])]);
    bus = await connectBus({ url: system.nats.url, name: 'reader' });
  }, 240_000);
  afterAll(async () => {
    await bus?.close();
    await system?.close();
  });

  const head = async () => {
    const key = { namespace: systemNamespace, name: 'k0smotron-audit-infrastructure' };
    const stored = await system.kube.get(ConfigMap, key);
    const publicKey = createPublicKey(stored?.data?.['publicKey'] ?? '');
    const { end } = JSON.parse(stored?.data?.['head'] ?? '') as { end: { sequence: number; hash: string } };
    return { end, publicKeys: new Map([[keyIdOf(publicKey), publicKey]]) };
  };
  const outboxIsEmpty = () =>
    eventually(
      async () => {
        const labelSelector = 'k0smotron.io/audit-outbox';
        expect(await system.kube.list(ConfigMap, { namespace: systemNamespace, labelSelector })).toEqual([]);
      },
      { timeoutMs: 60_000, what: 'an empty outbox' },
    );

  it('is complete although the broker was away and the service was killed meanwhile', async () => {
    await system.nats.stop();
    await applyManifests(system, claims('pool', [name], data));
    await waitProvisioned(system, name);
    await crashAndRestart(system, 'infrastructure'); // what waited in its memory is lost
    await system.nats.start();

    const reader = new Reader(bus, 'first');
    await eventually(() => expect(reader.told).toEqual(['provisioned', 'remote-command-run bootstrap 0', 'reserved']), {
      timeoutMs: 60_000,
      what: 'all facts',
    });
    expect(reader.facts.filter(isSealed)).toHaveLength(1);
    expect(verifyChain(reader.facts.filter(isSealed), await head())).toEqual([]);
    await outboxIsEmpty();
    await reader.stop();
  }, 180_000);

  it('after the loss of all messages says so, and tells again what is still true', async () => {
    await system.nats.stop();
    await rm(join(system.lab.dir, 'nats'), { recursive: true, force: true });
    await system.nats.start();

    const reader = new Reader(bus, 'second');
    await eventually(() => expect(reader.told).toEqual(['audit-gap-found', 'provisioned', 'reserved']), {
      timeoutMs: 60_000,
      what: 'the gap, and the state',
    });
    expect(verifyChain(reader.facts.filter(isSealed), await head())).toEqual([{ kind: 'gap', from: 1, to: 1 }]);

    await deleteMachines(system, [name]);
    expect(await system.kube.list(RemoteMachine)).toEqual([]);
    await eventually(
      () =>
        expect(reader.told).toEqual([
          'audit-gap-found',
          'provisioned',
          'released true',
          'remote-command-run clean-up 0',
          'reserved',
        ]),
      { timeoutMs: 60_000, what: 'the facts of the deletion' },
    );
    await outboxIsEmpty();
    await reader.stop();
  }, 180_000);
});
