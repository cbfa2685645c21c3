import { expect } from '@jest/globals';
import { K0sControlPlane, Machine as CapiMachine, Secret } from '@k0smotron/api';
import type { Fact } from '@k0smotron/events';
import { fingerprint } from '@k0smotron/pki';
import { clusterKey, conditionOf, type System } from '@k0smotron/scenarios';
import { namesOf } from '@k0smotron/scenarios/testing';
import { eventually } from '@k0smotron/testing';
import { outboxFacts, readChainHead, type ToldFacts } from './told-facts.ts';

const { name: plane, namespace } = clusterKey;
/** After ten minutes without NATS some fifty facts wait, and on a busy machine a life of twenty effects takes twenty seconds. */
const tellingMs = 15 * 60_000;
/** Services that have a chain here, in the order of the alphabet. */
export const auditors = ['bootstrap', 'control-plane', 'infrastructure'] as const;
/** Those in the memory of a service: each life makes its own. */
const inMemory = new Set(['api-client', 'etcd-client']);

/** What became of a control plane, as far as facts tell of it: follows its objects from phase to phase. */
export class PlaneHistory {
  readonly #system: System;
  /** All that there ever were, the first controller first. */
  readonly #machines = new Set<string>();
  #removed: readonly string[] = [];
  #certificates: readonly string[] = [];
  #since: string | undefined;

  constructor(system: System) {
    this.#system = system;
  }

  /** Takes note of what is there now; the Cluster must be. */
  async look(): Promise<void> {
    const { kube } = this.#system;
    const present = namesOf(await kube.list(CapiMachine, { namespace }));
    for (const machine of present) this.#machines.add(machine);
    this.#removed = [...this.#machines].filter((machine) => !present.includes(machine));
    this.#certificates = await Promise.all(
      ['ca', 'etcd', 'kubeconfig', 'proxy', 'sa'].map(async (purpose) => {
        const secret = await kube.get(Secret, { namespace, name: `${plane}-${purpose}` });
        return `${purpose} ${fingerprint(certificateIn(secret?.data ?? {}))}`;
      }),
    );
    this.#since = conditionOf(await kube.get(K0sControlPlane, clusterKey), 'Available')?.lastTransitionTime;
  }

  /** What can be derived again from the objects that are there. */
  get state(): readonly string[] {
    const staying = [...this.#machines].filter((machine) => !this.#removed.includes(machine));
    return [
      `K0sControlPlane ${plane} initialised`,
      ...(this.#since ? [availableSince(this.#since)] : []),
      ...staying.flatMap(stateOf),
    ];
  }

  /** All facts there have to be by now; `deleted` once the Cluster is gone. */
  all(deleted = false): readonly string[] {
    const [, ...joiners] = this.#machines;
    const cleaned = deleted ? [...this.#machines] : this.#removed;
    return [
      ...this.state,
      ...this.#certificates.map((certificate) => `K0sControlPlane ${plane} certificate-issued ${certificate}`),
      ...[...this.#machines].map((machine) => `RemoteMachine ${machine} remote-command-run bootstrap`),
      ...joiners.flatMap((machine) =>
        ['token-minted', 'token-revoked'].map((fact) => `K0sControllerConfig ${machine} ${fact}`),
      ),
      ...this.#removed.flatMap((machine) => [
        ...stateOf(machine),
        `K0sControlPlane ${plane} member-removed ${machine}`,
        `K0sControlPlane ${plane} controller-removed ${machine}`,
      ]),
      ...cleaned.flatMap((machine) => [
        `RemoteMachine ${machine} remote-command-run clean-up`,
        `RemoteMachine ${machine} released`,
      ]),
    ];
  }
}

const availableSince = (since: string): string => `K0sControlPlane ${plane} available ${since}`;

const stateOf = (machine: string): readonly string[] => [
  `K0sControlPlane ${plane} controller-added ${machine}`,
  `K0sControllerConfig ${machine} data-ready`,
  `RemoteMachine ${machine} reserved`,
  `RemoteMachine ${machine} provisioned`,
];

/** The certificate in a Secret: its own, or that of the user of a kubeconfig. */
function certificateIn(data: Readonly<Record<string, string>>): string {
  const text = (base64 = ''): string => Buffer.from(base64, 'base64').toString('utf8');
  if (data['value'] === undefined) return text(data['tls.crt']);
  return text(/client-certificate-data: *"?([^\s"]+)/.exec(text(data['value']))?.[1]);
}

/**
 * Waits until what readers saw, once for each id, together with the outbox is what there has to be (SR-8). Twice in it is a
 * failure too. What has passed (availability, a failure) may have been told, and an issue that a death kept from happening
 * intended.
 */
export async function expectTold(system: System, facts: ToldFacts, history: PlaneHistory, deleted = false) {
  const passing = (line: string): boolean => /^\S+ \S+ (available|failed) /.test(line);
  await eventually(
    async () => {
      if (!deleted) await history.look();
      const wanted = history.all(deleted).toSorted();
      const outbox = await outboxFacts(system);
      const waiting = linesOf(outbox.filter(({ completed }) => completed).map(({ fact }) => fact));
      if (waiting.length > 0) throw new Error(`in the outbox: ${waiting.join(', ')}`);
      const told = new Map(facts.all().map((fact) => [fact.id, fact]));
      const open = outbox.filter(({ fact }) => !told.has(fact.id));
      const lines = linesOf([...told.values()]).filter((line) => wanted.includes(line) || !passing(line));
      const intended = linesOf(open.map(({ fact }) => fact)).filter(
        (line) => wanted.includes(line) || !line.includes('certificate-issued'),
      );
      expect([...lines, ...intended].sort()).toEqual(wanted);
    },
    { timeoutMs: tellingMs, everyMs: 500, what: 'what is told to be what is there' },
  );
}

/**
 * Waits until each service knows of facts that the broker has: losing these is a gap, while what it has without the service
 * knowing, since death came before the answer was noted, is told again.
 */
export async function expectAcknowledged({ kube }: System): Promise<void> {
  for (const service of auditors)
    await eventually(async () => expect((await readChainHead(kube, service)).acknowledged).toBeGreaterThan(0), {
      timeoutMs: tellingMs,
      everyMs: 500,
      what: `an acknowledged fact of ${service}`,
    });
}

/** Waits until an auditor finds these problems in the chain of each service: what was sealed last may not be told yet. */
export async function expectChains(facts: ToldFacts, problems: readonly unknown[] = []): Promise<void> {
  for (const service of auditors)
    await eventually(async () => expect(await facts.problems(service)).toEqual(problems), {
      timeoutMs: tellingMs,
      everyMs: 500,
      what: `the chain of ${service}`,
    });
}

/** Facts about the objects of the cluster, without certificates that stay in memory. */
const linesOf = (facts: readonly Fact[]): readonly string[] =>
  facts
    .filter(({ data }) => data.object.namespace === namespace)
    .filter(({ data: { details } }) => !('purpose' in details && inMemory.has(String(details.purpose))))
    .map(lineOf);

/** One fact with what tells it from others of its object: whatever else would be there twice is seen as that. */
export function lineOf({ data: { object, fact, details, outcome } }: Fact): string {
  const words = ['purpose', 'machine', 'fingerprint', 'since', 'reason'].flatMap((key) =>
    key in details ? [String(details[key as never])] : [],
  );
  return [object.kind, object.name, fact, ...words, ...(outcome ? [outcome] : [])].join(' ');
}
