import {
  keyOf,
  lookAgain,
  messageOf,
  parseKey,
  TerminalError,
  type KubeObject,
  type Logger,
  type Meter,
  type Outcome,
} from '@k0smotron/core';
import { ConflictError, type Cache } from '@k0smotron/kube';
import type { Controller, Watch } from '../controller.ts';
import { AbandonedError, withDeadline } from './deadline.ts';
import { Expectations } from './expectations.ts';
import type { Informers } from './informers.ts';
import { NeededKinds } from './needed-kinds.ts';
import { openRun, type RunScope, type ScopeParts } from './run-scope.ts';
import { WorkQueue, type TakenKey } from './work-queue.ts';

/** What a loop gets from the process that it runs in. */
export interface LoopParts extends Pick<ScopeParts, 'clock' | 'events' | 'redact'> {
  readonly informers: Informers;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly concurrency: number;
  readonly resyncMs: number;
  readonly random?: () => number;
}

const defaultDeadlineMs = 60_000;
const graceMs = 5000;
/** How soon to look whether a cache has caught up; watch events usually take a few milliseconds. */
const staleRetryMs = 50;
/** A reconcile that asks for "again" without a delay must not spin. */
const shortestAgainMs = 10;
/** Races settle by themselves; a failure is told as an Event when it comes this often in a row. */
const failuresBeforeEvent = 3;

/** Serves one controller: maps changes to keys, hands keys to bounded workers, turns outcomes into what comes next. */
export class ControllerLoop {
  readonly #controller: Controller;
  readonly #parts: LoopParts;
  #scope: ScopeParts | undefined;
  readonly #cache: Cache;
  readonly #watched: readonly { readonly watch: Watch; readonly cache: Cache }[];
  readonly #needed: NeededKinds;
  readonly #queue: WorkQueue;
  readonly #expectations: Expectations;
  readonly #failures = new Map<string, number>();
  readonly #unsubscribe: (() => void)[] = [];
  readonly #active = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #accepting = false;

  constructor(controller: Controller, parts: LoopParts) {
    this.#controller = controller;
    this.#parts = parts;
    this.#cache = parts.informers.want(controller);
    this.#watched = (controller.watches ?? []).map((watch) => ({ watch, cache: parts.informers.want(watch) }));
    const { clock, random = Math.random, logger, meter } = parts;
    this.#queue = new WorkQueue({ clock, random, onReady: () => this.#dispatch() });
    this.#expectations = new Expectations((object) => this.#cachesOf(object));
    const { name, kind } = controller;
    const required = this.#watched.filter(({ watch }) => !watch.optional);
    this.#needed = new NeededKinds(
      [{ kind, cache: this.#cache }, ...required.map(({ watch, cache }) => ({ kind: watch.kind, cache }))],
      logger.child({ controller: name }),
    );
    meter.gauge('queue_depth', () => [{ value: this.#queue.depth, labels: { controller: name } }]);
    meter.gauge('active_workers', () => [{ value: this.#active.size, labels: { controller: name } }]);
  }

  /**
   * Wakes every key there is, and from now on whatever changes wake. Call it when caches are answered and this process leads.
   * No key is served while one of the needed kinds is not.
   */
  start(leading: Pick<ScopeParts, 'kube' | 'leader'>): void {
    const { name, kind, conditionTypes, recordsGeneration = false } = this.#controller;
    const { clock, events, redact, informers: caches } = this.#parts;
    const own = { name, kind, conditionTypes, recordsGeneration, expectations: this.#expectations };
    this.#scope = { ...leading, ...own, clock, events, redact, caches };
    this.#accepting = true;
    const wake = (object: KubeObject): void => this.#queue.add(keyOf(object.metadata));
    this.#unsubscribe.push(this.#cache.onChange(({ object }) => wake(object)));
    for (const { watch, cache } of this.#watched) {
      this.#unsubscribe.push(
        cache.onChange(({ object, before }) => {
          this.#map(watch, object);
          if (before && before !== object) this.#map(watch, before);
        }),
      );
    }
    this.#unsubscribe.push(this.#needed.follow(() => this.#dispatch()));
    const wakeAll = (): void => this.#cache.list().forEach(wake);
    for (const source of this.#controller.sources ?? []) {
      this.#unsubscribe.push(source((key) => this.#queue.add(keyOf(key)), wakeAll));
    }
    wakeAll();
  }

  /** Takes no more keys, lets runs end for `patienceMs`, then aborts them; resolves when they have ended or were abandoned. */
  async stop(patienceMs: number): Promise<void> {
    this.#accepting = false;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#queue.close();
    const patience = new AbortController();
    const abort = this.#parts.clock.sleep(patienceMs, patience.signal).then(
      () => this.#stop.abort(new Error('the process is stopping')),
      () => undefined,
    );
    await Promise.all(this.#active);
    patience.abort();
    await abort;
  }

  #map(watch: Watch, object: KubeObject): void {
    for (const key of watch.toKeys(object, this.#parts.informers)) this.#queue.add(keyOf(key));
  }

  /** Where a write of this object will show. */
  #cachesOf(object: KubeObject): readonly Cache[] {
    const { informers } = this.#parts;
    return [
      ...(informers.sees(this.#controller, object) ? [this.#cache] : []),
      ...this.#watched.filter(({ watch }) => informers.sees(watch, object)).map(({ cache }) => cache),
    ];
  }

  #dispatch(): void {
    const limit = this.#controller.concurrency ?? this.#parts.concurrency;
    while (this.#accepting && this.#needed.served && this.#active.size < limit) {
      const taken = this.#queue.take();
      if (!taken) return;
      const work = this.#serve(taken).finally(() => {
        this.#active.delete(work);
        this.#dispatch();
      });
      this.#active.add(work);
    }
  }

  /** One key, once. Never throws: whatever happens hurts this key only. */
  async #serve({ key, waitedMs }: TakenKey): Promise<void> {
    const { clock, meter } = this.#parts;
    const labels = { controller: this.#controller.name };
    meter.seconds('queue_wait', waitedMs / 1000, labels);
    const object = this.#cache.get(parseKey(key));
    const scope = this.#scope;
    if (!object || !scope?.leader.stillHeld()) {
      this.#forget(key); // gone, or the process is about to end
      return this.#queue.finish(key);
    }
    if (this.#expectations.pending(key) !== undefined) {
      this.#queue.finish(key);
      return this.#queue.addAfter(key, staleRetryMs);
    }
    const startedAtMs = clock.monotonicMs();
    const result = await this.#reconcile(key, object, scope);
    meter.seconds('reconcile', (clock.monotonicMs() - startedAtMs) / 1000, labels);
    meter.count('reconcile', { ...labels, outcome: result });
  }

  async #reconcile(key: string, object: KubeObject, parts: ScopeParts): Promise<string> {
    const log = this.#logFor(object);
    const { clock } = this.#parts;
    const deadlineMs = this.#controller.deadlineMs ?? defaultDeadlineMs;
    let work: Promise<Outcome> | undefined;
    try {
      const outcome = await withDeadline(
        (signal) => (work = this.#runOnce(openRun(parts, object, log, signal), log, signal)),
        {
          clock,
          deadlineMs,
          graceMs,
          parent: this.#stop.signal,
        },
      );
      return this.#settle(key, outcome, log);
    } catch (error) {
      if (error instanceof AbandonedError && work) return this.#abandon(key, work, error, log);
      return this.#fail(key, object, error, log);
    }
  }

  async #runOnce(scope: RunScope<KubeObject>, log: Logger, signal: AbortSignal): Promise<Outcome> {
    let outcome: Outcome;
    try {
      outcome = await this.#controller.reconcile(scope.run, signal);
    } catch (error) {
      this.#reportFailure(scope, error);
      await scope.finish({ failed: true }).catch((failure: unknown) => {
        log.warn('Writing the status of a failed run failed', { error: messageOf(failure) });
      });
      throw error;
    }
    await scope.finish({ failed: false });
    return outcome;
  }

  /** A terminal failure is shown in the controller's summary condition, unless the run said more itself. */
  #reportFailure(scope: RunScope<KubeObject>, error: unknown): void {
    const { failureCondition } = this.#controller;
    if (!(error instanceof TerminalError)) return;
    scope.run.event('Warning', error.reason, error.message);
    if (failureCondition === undefined || scope.reported(failureCondition)) return;
    scope.run.report({ type: failureCondition, status: 'False', reason: error.reason, message: error.message });
  }

  #settle(key: string, outcome: Outcome, log: Logger): string {
    const { resyncMs, random = Math.random } = this.#parts;
    this.#queue.succeed(key);
    this.#failures.delete(key);
    if (outcome.kind === 'again') {
      log.debug('Looking again later', { reason: outcome.why, afterMs: outcome.afterMs });
      this.#queue.addAfter(key, Math.max(outcome.afterMs, shortestAgainMs));
    } else {
      if (outcome.kind === 'waiting') log.debug('Waiting', { reason: outcome.on });
      // Spread, so that a thousand settled keys do not come back in one second.
      this.#queue.addAfter(key, (this.#controller.resyncMs ?? resyncMs) * (0.9 + 0.2 * random()));
    }
    this.#queue.finish(key);
    return outcome.kind;
  }

  #fail(key: string, object: KubeObject, error: unknown, log: Logger): string {
    if (error instanceof TerminalError) {
      log.error('Reconciling failed until the object changes', { reason: error.reason, error });
      this.#settle(key, lookAgain(this.#controller.resyncMs ?? this.#parts.resyncMs, error.reason), log);
      return 'terminal';
    }
    const race = error instanceof ConflictError;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = Math.round(this.#queue.addFailed(key));
    this.#queue.finish(key);
    if (race) log.debug('Reconciling met a concurrent change', { delayMs, error });
    else log.error('Reconciling failed', { delayMs, failures, error });
    if (failures === failuresBeforeEvent) {
      const message = this.#parts.redact(messageOf(error));
      this.#parts.events.record(this.#controller.name, object, { type: 'Warning', reason: 'ReconcileFailed', message });
    }
    return 'error';
  }

  /** Frees the worker; the key stays held until the hanging run ends, so that it never runs twice at once. */
  #abandon(key: string, work: Promise<Outcome>, error: AbandonedError, log: Logger): string {
    log.error('Reconciling hangs, abandoning the key until it ends', { error });
    const release = (): void => {
      if (!this.#accepting) return;
      this.#queue.addFailed(key);
      this.#queue.finish(key);
    };
    void work.then(release, release);
    return 'abandoned';
  }

  #forget(key: string): void {
    this.#queue.succeed(key);
    this.#failures.delete(key);
    this.#expectations.forget(key);
  }

  #logFor({ kind, metadata }: KubeObject): Logger {
    const cluster = metadata.labels?.['cluster.x-k8s.io/cluster-name'];
    return this.#parts.logger.child({
      controller: this.#controller.name,
      reconcileId: crypto.randomUUID().slice(0, 8),
      [kind]: keyOf(metadata),
      ...(cluster ? { Cluster: keyOf({ ...metadata, name: cluster }) } : {}),
    });
  }
}
