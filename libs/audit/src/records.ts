import { ConfigMap } from '@k0smotron/api';
import { parseFact, type Fact } from '@k0smotron/events';
import { AlreadyExistsError, NotFoundError, type KubeClient } from '@k0smotron/kube';
import { fieldManager, type AuditNames } from './names.ts';

/** One effect in the outbox: intended, or completed when it has a time of completion. */
export interface AuditRecord {
  readonly fact: Fact;
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

  /** Writes an intent; one that is there already is the same effect, repeated. */
  async intend(kube: KubeClient, fact: Fact, signal: AbortSignal): Promise<void> {
    const { namespace, label, service } = this.#names;
    const metadata = { namespace, name: this.#names.record(fact.id), labels: { [label]: service } };
    try {
      await kube.create(ConfigMap, { metadata, data: { fact: JSON.stringify(fact) } }, { fieldManager }, signal);
    } catch (cause) {
      if (!(cause instanceof AlreadyExistsError)) throw cause;
    }
  }

  /** Completes a record. False when it is gone: the repeated effect has been told already. */
  async complete(
    kube: KubeClient,
    recordId: string,
    { fact, completed }: Required<Pick<AuditRecord, 'fact' | 'completed'>>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const body = { data: { fact: JSON.stringify(fact), completed } };
    try {
      await kube.patch(ConfigMap, this.#keyOf(recordId), { type: 'merge', body }, { fieldManager }, signal);
      return true;
    } catch (cause) {
      if (cause instanceof NotFoundError) return false;
      throw cause;
    }
  }

  /** Takes a record away; gone already is well. */
  remove(kube: KubeClient, recordId: string, signal: AbortSignal): Promise<void> {
    return kube.remove(ConfigMap, this.#keyOf(recordId), {}, signal);
  }

  /** All records by the id that they were intended under. */
  async list(kube: KubeClient, signal: AbortSignal): Promise<ReadonlyMap<string, AuditRecord>> {
    const { namespace, label, service } = this.#names;
    const stored = await kube.list(ConfigMap, { namespace, labelSelector: `${label}=${service}` }, signal);
    const prefix = this.#names.record('');
    const records = stored.flatMap(({ metadata, data }): readonly (readonly [string, AuditRecord])[] => {
      const fact = parseFact(data?.['fact'] ?? '');
      if (!fact) return []; // somebody else's, or damaged: not ours to remove
      const completed = data?.['completed'];
      const intended = new Date(metadata.creationTimestamp);
      return [[metadata.name.slice(prefix.length), { fact, intended, ...(completed && { completed }) }]];
    });
    return new Map(records);
  }

  #keyOf(recordId: string): { readonly namespace: string; readonly name: string } {
    return { namespace: this.#names.namespace, name: this.#names.record(recordId) };
  }
}
