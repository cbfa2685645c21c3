import type { FactLog, Stored } from '@k0smotron/bus';
import { backoffMs, messageOf, type Clock, type Logger, type Meter } from '@k0smotron/core';
import { auditGapFound, factObject, type Fact, type Sealer, type Service } from '@k0smotron/events';
import type { KubeClient } from '@k0smotron/kube';
import type { Audit, AuditedEffect } from './audit.ts';
import { moveHead, readHead, type StoredHead } from './chain-head.ts';
import { auditNames, type AuditNames } from './names.ts';
import {
  acknowledged,
  asUnknown,
  batchSize,
  inOrder,
  isGap,
  isOtherStream,
  sealed,
  unknownAfterMs,
} from './next-head.ts';
import { Records, type AuditRecord } from './records.ts';
import { ensureSigningKey } from './signing-key.ts';
import { Waker } from './waker.ts';

/** What an outbox needs. */
export interface OutboxOptions {
  readonly service: Service;
  /** The service's own. */
  readonly namespace: string;
  readonly log: FactLog;
  /** `onNewStream` of the bus. */
  readonly onNewStream: (listener: () => void) => () => void;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock: Clock;
}

/** What the leader seals with. */
export interface OutboxLeading {
  /** Refuses writes once the leadership is gone. */
  readonly kube: KubeClient;
  readonly epoch: string;
}

/** Audit facts from intent to acknowledgement (ADR 0011). */
export class Outbox implements Audit {
  readonly #options: OutboxOptions;
  readonly #names: AuditNames;
  readonly #store: Records;
  /** As far as this process knows; read anew when it begins to lead and after every failure. */
  #records = new Map<string, AuditRecord>();
  readonly #waker = new Waker();
  #completions = 0;

  constructor(options: OutboxOptions) {
    const { service, namespace, meter } = options;
    this.#options = options;
    this.#names = auditNames(service, namespace);
    this.#store = new Records(this.#names);
    meter.gauge('audit_outbox_records', () => [{ value: this.#records.size }]);
  }

  async around<T>(kube: KubeClient, effect: AuditedEffect<T>, signal: AbortSignal): Promise<T> {
    const [result] = await this.aroundAll(kube, [effect], signal);
    return result as T;
  }

  async aroundAll<T>(
    kube: KubeClient,
    effects: readonly AuditedEffect<T>[],
    signal: AbortSignal,
  ): Promise<readonly T[]> {
    if (effects.length === 0) return [];
    const record = { facts: effects.map(({ fact }) => fact), intended: this.#options.clock.now() };
    const recordId = await this.#intend(kube, record, signal);
    const runs = effects.map(async ({ fact, run, tell }) => {
      const result = await run();
      return { result, fact: tell?.(result) ?? fact };
    });
    const ends = await Promise.allSettled(runs);
    const done = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value.fact] : []));
    const failed = record.facts.filter((_, at) => ends[at]?.status === 'rejected');
    // First what stays open, into a record of its own: no intent is without a record at any time.
    if (done.length > 0 && failed.length > 0) await this.#intend(kube, { ...record, facts: failed }, signal);
    if (done.length > 0) await this.#complete(kube, recordId, { ...record, facts: done }, signal);
    return (await Promise.all(runs)).map(({ result }) => result);
  }

  /** Seals and tells until the signal aborts; for the leader only. Failures are waited out. */
  async run(leading: OutboxLeading, signal: AbortSignal): Promise<void> {
    const { clock, logger, onNewStream } = this.#options;
    const stop = onNewStream(() => this.#waker.wake());
    let failures = 0; // since the last time that something went well
    while (!signal.aborted) {
      await this.#lead(leading, () => (failures = 0), signal).catch(async (cause: unknown) => {
        if (signal.aborted) return;
        failures += 1;
        logger.warn('The audit outbox stopped, trying again', { error: messageOf(cause) });
        await clock.sleep(backoffMs(failures, { baseMs: 500, capMs: 30_000 }), signal).catch(() => undefined);
      });
    }
    stop();
  }

  async #lead({ kube, epoch }: OutboxLeading, progress: () => void, signal: AbortSignal): Promise<void> {
    const { privateKey, publicKey } = await ensureSigningKey(kube, this.#names, signal);
    let head = await readHead(kube, this.#names, publicKey, signal);
    this.#records = new Map([...(await this.#store.list(kube, signal)), ...this.#records]);
    while (!signal.aborted) {
      head = await this.#deliver(kube, head, signal);
      progress();
      await this.#watchStream(kube, head, signal);
      await this.#closeForgotten(kube, signal);
      head = await this.#sealNext(kube, head, { epoch, privateKey }, signal);
      if (head.head.unacknowledged.length === 0) await this.#waker.next(this.#untilForgottenMs(), signal);
    }
  }

  /** Tells what is sealed, then takes the records away, then says so in the head. */
  async #deliver(kube: KubeClient, stored: StoredHead, signal: AbortSignal): Promise<StoredHead> {
    const { log, meter } = this.#options;
    const { head } = stored;
    if (head.unacknowledged.length === 0) return stored;
    let last: Stored | undefined;
    for (const { fact } of head.unacknowledged) {
      const at = await log.append(fact, signal);
      if (!last && isGap(head, at)) await this.#tellGap(kube, stored, at.stream, signal);
      last = at;
      meter.count('audit_facts', { outcome: fact.data.outcome ?? 'done' });
    }
    const recordIds = new Set(head.unacknowledged.map(({ recordId }) => recordId));
    for (const recordId of recordIds) await this.#forget(kube, recordId, signal);
    return moveHead(kube, stored, acknowledged(head, last), signal);
  }

  /** A stream that was lost is told at once, not with the next effect. */
  async #watchStream(kube: KubeClient, stored: StoredHead, signal: AbortSignal): Promise<void> {
    const { head } = stored;
    if (head.acknowledged === 0) return;
    const stream = await this.#options.log.stream(signal);
    if (isOtherStream(head, stream)) await this.#tellGap(kube, stored, stream, signal);
  }

  /**
   * Seals the next batch, without what the broker holds already: a repeat takes no number. A record goes as a whole, since it
   * is taken away with the batch.
   */
  async #sealNext(kube: KubeClient, stored: StoredHead, sealer: Sealer, signal: AbortSignal): Promise<StoredHead> {
    const batch: { recordId: string; fact: Fact }[] = [];
    for (const [recordId, { facts }] of inOrder(this.#records)) {
      if (batch.length >= batchSize) break;
      const untold = await this.#untold(facts, signal);
      if (untold.length === 0) await this.#forget(kube, recordId, signal);
      else batch.push(...untold.map((fact) => ({ recordId, fact })));
    }
    return batch.length === 0 ? stored : moveHead(kube, stored, sealed(stored.head, batch, sealer), signal);
  }

  async #closeForgotten(kube: KubeClient, signal: AbortSignal): Promise<void> {
    const now = this.#options.clock.now().getTime();
    for (const [recordId, record] of this.#records) {
      if (record.completed !== undefined || record.intended.getTime() + unknownAfterMs > now) continue;
      // One may have come true under another record, in a retry with other company.
      const untold = await this.#untold(record.facts, signal);
      if (untold.length === 0) await this.#forget(kube, recordId, signal);
      else await this.#complete(kube, recordId, { ...record, facts: untold.map(asUnknown) }, signal);
    }
  }

  /** Those that the broker does not hold. */
  async #untold(facts: readonly Fact[], signal: AbortSignal): Promise<readonly Fact[]> {
    const untold: Fact[] = [];
    for (const fact of facts) if (!(await this.#options.log.holds(fact, signal))) untold.push(fact);
    return untold;
  }

  #untilForgottenMs(): number {
    const open = [...this.#records.values()].filter(({ completed }) => completed === undefined);
    const oldest = Math.min(...open.map(({ intended }) => intended.getTime()));
    return Math.max(oldest + unknownAfterMs - this.#options.clock.now().getTime(), 0);
  }

  /** Gives the record's id. */
  async #intend(kube: KubeClient, record: AuditRecord, signal: AbortSignal): Promise<string> {
    const recordId = await this.#store.intend(kube, record.facts, signal);
    this.#records.set(recordId, record);
    return recordId;
  }

  async #complete(kube: KubeClient, recordId: string, record: AuditRecord, signal: AbortSignal): Promise<void> {
    const closed = { ...record, completed: this.#nextPlace() };
    await this.#store.complete(kube, recordId, closed, signal);
    this.#records.set(recordId, closed);
    this.#waker.wake();
  }

  /** Sorts behind all places before: effects that end in the same millisecond keep their order. */
  #nextPlace(): string {
    return `${this.#options.clock.now().toISOString()} ${String((this.#completions += 1)).padStart(9, '0')}`;
  }

  async #forget(kube: KubeClient, recordId: string, signal: AbortSignal): Promise<void> {
    await this.#store.remove(kube, recordId, signal);
    this.#records.delete(recordId);
  }

  async #tellGap(kube: KubeClient, { head, object }: StoredHead, stream: string, signal: AbortSignal): Promise<void> {
    const { service, clock, logger, meter } = this.#options;
    const details = { lastSequence: head.acknowledged, stream };
    logger.warn('The stream of facts lost audit facts that it had', details);
    meter.count('audit_gaps');
    const about = factObject({ ...object, kind: 'ConfigMap' });
    const fact = auditGapFound(service)(about, details, clock.now());
    await this.around(kube, { fact, run: () => Promise.resolve() }, signal);
  }
}
