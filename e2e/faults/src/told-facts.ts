import { createPublicKey, type KeyObject } from 'node:crypto';
import { ConfigMap } from '@k0smotron/api';
import { connectBus } from '@k0smotron/bus';
import {
  allSubjects,
  isSealed,
  keyIdOf,
  parseFact,
  verifyChain,
  type ChainEnd,
  type ChainProblem,
  type Fact,
  type Service,
} from '@k0smotron/events';
import { systemNamespace, type System } from '@k0smotron/scenarios';

/** What consumers saw, de-duplicated by id. */
export interface ToldFacts {
  /** All of them. */
  all(): readonly Fact[];
  /** Facts about objects of this name, as `<kind> <fact>`, in order of the alphabet. */
  about(name: string): string[];
  /** What an auditor finds wrong in the chain of a service; empty when it is whole. */
  problems(service: Service): Promise<readonly ChainProblem[]>;
  close(): Promise<void>;
}

/** Reads all facts that the services of a system tell; each reader of one broker has a name of its own. */
export async function followFacts({ nats, kube }: System, reader = 'faults'): Promise<ToldFacts> {
  const bus = await connectBus({ url: nats.url, name: reader });
  const seen = new Map<string, Fact>();
  const subscription = bus.consume(
    { durable: reader, filter: allSubjects, from: 'all' },
    (fact) => void seen.set(fact.id, fact),
  );
  return {
    all: () => [...seen.values()],
    about: (name) =>
      [...seen.values()]
        .filter(({ data }) => data.object.name === name)
        .map(({ data }) => `${data.object.kind} ${data.fact}${data.outcome ? ` ${data.outcome}` : ''}`)
        .sort(),
    async problems(service) {
      const { publicKey, end } = await readChainHead(kube, service);
      const facts = [...seen.values()].filter((fact) => fact.data.service === service).filter(isSealed);
      return verifyChain(facts, { publicKeys: new Map([[keyIdOf(publicKey), publicKey]]), end });
    },
    async close() {
      await subscription.stop();
      await bus.close();
    },
  };
}

/** What the chain of a service says of itself: the key it is signed with, its end, and how far the broker has acknowledged it. */
export async function readChainHead(
  kube: System['kube'],
  service: Service,
): Promise<{ publicKey: KeyObject; end: ChainEnd; acknowledged: number }> {
  const head = await kube.get(ConfigMap, { namespace: systemNamespace, name: `k0smotron-audit-${service}` });
  if (!head) throw new Error(`the chain of ${service} has no head`);
  const { end, acknowledged } = JSON.parse(head.data?.['head'] ?? '{}') as { end: ChainEnd; acknowledged: number };
  return { publicKey: createPublicKey(head.data?.['publicKey'] ?? ''), end, acknowledged };
}

/** What lies in the outboxes of all services: effects that were intended, and whether they are known to have happened. */
export async function outboxFacts({ kube }: System): Promise<readonly { fact: Fact; completed: boolean }[]> {
  const records = await kube.list(ConfigMap, {
    namespace: systemNamespace,
    labelSelector: 'k0smotron.io/audit-outbox',
  });
  return records.flatMap(({ data }) => {
    const facts = (data?.['fact'] ?? '').split('\n').flatMap((line) => parseFact(line) ?? []); // one a line
    return facts.map((fact) => ({ fact, completed: data?.['completed'] !== undefined }));
  });
}
