import { createHash } from 'node:crypto';
import { ConfigMap } from '@k0smotron/api';
import { parseFact, type Fact } from '@k0smotron/events';
import { AlreadyExistsError, type KubeClient } from '@k0smotron/kube';
import { fieldManager, type AuditNames } from './names.ts';

/** Effects that were intended together, or completed when there is a time of completion. */
export interface AuditRecord {
  readonly facts: readonly Fact[];
  /** When the intent was written. */
  readonly intended: Date;
  /** Place in the order of completions: ISO 8601 with milliseconds, and a count within the process. */
  readonly completed?: string;
}

/** The records of one service, each a ConfigMap. */
export class Records {
  readonly #names: AuditNames;

  constructor(names: AuditNames) {
    this.#names = names;
  }

  /** Writes an intent and gives the record's id; one that is there already is the same effects, repeated. */
  async intend(kube: KubeClient, facts: readonly Fact[], signal: AbortSignal): Promise<string> {
    const recordId = recordIdOf(facts);
    const intent = { metadata: this.#metadataOf(recordId), data: { fact: toLines(facts) } };
    try {
      await kube.create(ConfigMap, intent, { fieldManager }, signal);
    } catch (cause) {
      if (!(cause instanceof AlreadyExistsError)) throw cause;
    }
    return recordId;
  }

  /** Completes a record. One that was told and taken away meanwhile is made again: of its facts the broker holds some or all. */
  async complete(
    kube: KubeClient,
    recordId: string,
    { facts, completed }: Required<Pick<AuditRecord, 'facts' | 'completed'>>,
    signal: AbortSignal,
  ): Promise<void> {
    const intent = { metadata: this.#metadataOf(recordId), data: { fact: toLines(facts), completed } };
    await kube.apply(ConfigMap, intent, { fieldManager }, signal);
  }

  /** Takes a record away; gone already is well. */
  remove(kube: KubeClient, recordId: string, signal: AbortSignal): Promise<void> {
    return kube.remove(ConfigMap, this.#keyOf(recordId), {}, signal);
  }

  /** All records by their ids. */
  async list(kube: KubeClient, signal: AbortSignal): Promise<ReadonlyMap<string, AuditRecord>> {
    const { namespace, label, service } = this.#names;
    const stored = await kube.list(ConfigMap, { namespace, labelSelector: `${label}=${service}` }, signal);
    const prefix = this.#names.record('');
    const records = stored.flatMap(({ metadata, data }): readonly (readonly [string, AuditRecord])[] => {
      const facts = fromLines(data?.['fact'] ?? '');
      if (!facts) return []; // somebody else's, or damaged: not ours to remove
      const completed = data?.['completed'];
      const intended = new Date(metadata.creationTimestamp);
      return [[metadata.name.slice(prefix.length), { facts, intended, ...(completed && { completed }) }]];
    });
    return new Map(records);
  }

  #metadataOf(recordId: string) {
    return { ...this.#keyOf(recordId), labels: { [this.#names.label]: this.#names.service } };
  }

  #keyOf(recordId: string): { readonly namespace: string; readonly name: string } {
    return { namespace: this.#names.namespace, name: this.#names.record(recordId) };
  }
}

/** A single fact's own id; of several the same whenever they are intended again. */
function recordIdOf(facts: readonly Fact[]): string {
  const ids = facts.map(({ id }) => id).join();
  return facts.length === 1 ? ids : createHash('sha256').update(ids).digest('hex').slice(0, 32);
}

/** JSON has no line ends of its own. */
const toLines = (facts: readonly Fact[]): string => facts.map((fact) => JSON.stringify(fact)).join('\n');

/** Undefined when one of them is no fact. */
function fromLines(text: string): readonly Fact[] | undefined {
  const facts = text.split('\n').map(parseFact);
  return facts.every((fact) => fact !== undefined) ? facts : undefined;
}
