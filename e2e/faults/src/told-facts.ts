import { createPublicKey } from 'node:crypto';
import { ConfigMap } from '@k0smotron/api';
import { connectBus } from '@k0smotron/bus';
import {
  allSubjects,
  isSealed,
  keyIdOf,
  parseFact,
  verifyChain,
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

/** Reads all facts that the services of a system tell. */
export async function followFacts({ nats, kube }: System): Promise<ToldFacts> {
  const bus = await connectBus({ url: nats.url, name: 'faults' });
  const seen = new Map<string, Fact>();
  const subscription = bus.consume(
    { durable: 'faults', filter: allSubjects, from: 'all' },
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
      const head = await kube.get(ConfigMap, { namespace: systemNamespace, name: `k0smotron-audit-${service}` });
      if (!head) throw new Error(`the chain of ${service} has no head`);
      const publicKey = createPublicKey(head.data?.['publicKey'] ?? '');
      const { end } = JSON.parse(head.data?.['head'] ?? '{}') as { end: { sequence: number; hash: string } };
      const facts = [...seen.values()].filter((fact) => fact.data.service === service).filter(isSealed);
      return verifyChain(facts, { publicKeys: new Map([[keyIdOf(publicKey), publicKey]]), end });
    },
    async close() {
      await subscription.stop();
      await bus.close();
    },
  };
}

/** What lies in the outboxes of all services: effects that were intended, and whether they are known to have happened. */
export async function outboxFacts({ kube }: System): Promise<readonly { fact: Fact; completed: boolean }[]> {
  const records = await kube.list(ConfigMap, {
    namespace: systemNamespace,
    labelSelector: 'k0smotron.io/audit-outbox',
  });
  return records.flatMap(({ data }) => {
    const fact = parseFact(data?.['fact'] ?? '');
    return fact ? [{ fact, completed: data?.['completed'] !== undefined }] : [];
  });
}
