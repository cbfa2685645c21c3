import { createHash } from 'node:crypto';
import { messageOf, type Clock, type Kind, type KubeObject, type Logger } from '@k0smotron/core';
import { AlreadyExistsError, type KubeClient } from '@k0smotron/kube';

/** `events.k8s.io/v1`; declared here, since the runtime knows no kinds of other rooms. */
const EventKind: Kind = { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

/** Who reports, and with what. */
export interface EventRecorderOptions {
  readonly kube: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** This process. */
  readonly reportingInstance: string;
}

/** One thing to tell. */
export interface EventInput {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** A repeat within this time says nothing new. */
const foldMs = 10 * 60_000;
/** Upper bound of `note` in the API. */
const maxNoteLength = 1024;
/** Beyond it, Events are dropped rather than heaped up while the API server is away. */
const maxPending = 50;
const maxRemembered = 1000;

/**
 * Writes Events, folding repeats: the first is created under a name derived from its content, so that two replicas or a
 * restart fold too; later ones count up its series. Best effort: a lost Event is logged at debug level only.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #seen = new Map<string, { readonly atMs: number; readonly count: number }>();
  #pending = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Returns at once; never throws. */
  record(controller: string, regarding: KubeObject, event: EventInput): void {
    const name = nameOf(regarding, event);
    const nowMs = this.#options.clock.monotonicMs();
    const before = this.#seen.get(name);
    if ((before && nowMs - before.atMs < foldMs) || this.#pending >= maxPending) return;
    const count = (before?.count ?? 0) + 1;
    this.#remember(name, { atMs: nowMs, count });
    this.#pending += 1;
    this.#write(name, toEvent(controller, regarding, event), count)
      .catch((error: unknown) => {
        this.#options.logger.debug('Writing an Event failed', { reason: event.reason, error: messageOf(error) });
      })
      .finally(() => {
        this.#pending -= 1;
      });
  }

  async #write(name: string, event: { readonly namespace: string }, count: number): Promise<void> {
    const { kube, clock, reportingInstance } = this.#options;
    const { namespace, ...fields } = event;
    const nowMicro = clock.now().toISOString().replace('Z', '000Z');
    try {
      const intent = { metadata: { name, namespace }, eventTime: nowMicro, reportingInstance, ...fields };
      await kube.create(EventKind, intent);
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
      const series = { count: Math.max(count, 2), lastObservedTime: nowMicro }; // a series has at least two
      await kube.patch(EventKind, { namespace, name }, { type: 'merge', body: { series } });
    }
  }

  #remember(name: string, entry: { readonly atMs: number; readonly count: number }): void {
    this.#seen.delete(name);
    this.#seen.set(name, entry);
    const oldest = this.#seen.keys().next();
    if (this.#seen.size > maxRemembered && !oldest.done) this.#seen.delete(oldest.value);
  }
}

function nameOf({ metadata }: KubeObject, { type, reason, message }: EventInput): string {
  const hash = createHash('sha256').update([metadata.uid, type, reason, message].join('\n')).digest('hex').slice(0, 16);
  return `${metadata.name.slice(0, 200)}.${hash}`;
}

function toEvent(
  controller: string,
  { apiVersion, kind, metadata }: KubeObject,
  { type, reason, message }: EventInput,
) {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    namespace: namespace ?? 'default', // where Events of cluster-scoped objects go
    reportingController: `k0smotron.io/${controller}`,
    action: 'Reconcile',
    type,
    reason,
    note: message.slice(0, maxNoteLength),
    regarding: { apiVersion, kind, name, namespace, uid, resourceVersion },
  };
}
