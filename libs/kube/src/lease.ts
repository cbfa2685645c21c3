import { randomUUID } from 'node:crypto';
import { backoffMs, messageOf, silentLogger, systemClock, type Clock, type Logger } from '@k0smotron/core';
import { beforeDeadline } from './before-deadline.ts';
import type { KubeClient } from './client.ts';
import { AlreadyExistsError, ConflictError, NotFoundError } from './errors.ts';
import { leaseKind, microTime, withSpec, type LeaseObject } from './lease-record.ts';

/** Which lease, as whom, and the times of ER-7. */
export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Shown in `holderIdentity`, where a random part is added: two processes are never the same holder. */
  readonly identity: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** How long others wait after the last renewal that they saw; 12 s when unset. */
  readonly durationMs?: number;
  /** 4 s when unset. */
  readonly renewMs?: number;
  /** Between looks of a waiting process, and after a failed renewal; 2 s when unset. */
  readonly retryMs?: number;
  /** Without a confirmed renewal for so long we stop by ourselves; must be well under `durationMs`. 8 s when unset. */
  readonly giveUpMs?: number;
  /** Called once when the lease is lost, not when it is released. */
  readonly onLost?: (why: string) => void;
}

/** Names one tenure of a lease; host effects carry it, and hosts refuse lower ones (SR-7). */
export interface Epoch {
  readonly leaseUid: string;
  /** Grows with every change of holder. */
  readonly transitions: number;
}

/** A lease that is ours. */
export interface HeldLease {
  readonly epoch: Epoch;
  /** By our own monotonic clock only, without a request; false for ever once lost (SR-7). */
  stillHeld(): boolean;
  /** Gives it up at once, so that the next holder need not wait for the end of its time. */
  release(): Promise<void>;
  /** Resolves when the lease is lost; never after a release. */
  readonly lost: Promise<void>;
}

type Times = Required<Pick<LeaseOptions, 'durationMs' | 'renewMs' | 'retryMs' | 'giveUpMs'>>;

/**
 * Waits for a lease and then keeps it renewed, over a connection of its own (ER-6). `signal` ends the waiting only: a held
 * lease ends by `release` or by being lost, since a graceful stop still acts as leader while it drains.
 */
export async function holdLease(client: KubeClient, options: LeaseOptions, signal: AbortSignal): Promise<HeldLease> {
  const own = client.separate(1);
  const tenure = new Tenure(own, options);
  try {
    await tenure.acquire(signal);
  } catch (error) {
    await own.close();
    throw error;
  }
  return tenure.held();
}

class Tenure {
  readonly #client: KubeClient;
  readonly #options: LeaseOptions;
  readonly #times: Times;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #holder: string;
  readonly #over = new AbortController();
  readonly #lost = Promise.withResolvers<void>();
  #seen: { readonly version: string; readonly atMs: number } | undefined;
  #lease: LeaseObject | undefined;
  #confirmedMs = -Infinity;
  /** Renewals that were sent since the last confirmed one, by what they wrote: a later look may find that one landed. */
  readonly #sentMs = new Map<string, number>();
  #state: 'waiting' | 'held' | 'lost' | 'released' = 'waiting';
  #renewing: Promise<void> = Promise.resolve();

  constructor(client: KubeClient, options: LeaseOptions) {
    const { durationMs = 12_000, renewMs = 4_000, retryMs = 2_000, giveUpMs = 8_000 } = options;
    this.#client = client;
    this.#options = options;
    this.#times = { durationMs, renewMs, retryMs, giveUpMs };
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#holder = `${options.identity}_${randomUUID()}`;
  }

  /** Looks until the lease is free or its holder has not renewed it for its whole time, as seen by our own clock. */
  async acquire(signal: AbortSignal): Promise<void> {
    for (;;) {
      let waitMs = backoffMs(1, { baseMs: this.#times.retryMs, capMs: this.#times.retryMs });
      try {
        const freeInMs = await beforeDeadline(this.#clock, this.#times.giveUpMs, signal, (s) => this.#tryToTake(s));
        if (freeInMs <= 0) return;
        waitMs = Math.min(waitMs, freeInMs);
      } catch (error) {
        signal.throwIfAborted();
        const raced = error instanceof ConflictError || error instanceof AlreadyExistsError;
        if (!raced) this.#logger.warn('Asking for the lease failed', { error: messageOf(error) });
      }
      await this.#clock.sleep(waitMs, signal);
    }
  }

  held(): HeldLease {
    const { uid = '' } = this.#lease?.metadata ?? {};
    return {
      epoch: { leaseUid: uid, transitions: this.#lease?.spec?.leaseTransitions ?? 0 },
      stillHeld: () => this.#stillHeld(),
      release: () => this.#release(),
      lost: this.#lost.promise,
    };
  }

  /** Takes the lease if it is free, else says in how many milliseconds it will be. */
  async #tryToTake(signal: AbortSignal): Promise<number> {
    const lease = await this.#client.get(leaseKind, this.#options, signal);
    const nowMs = this.#clock.monotonicMs();
    if (lease && this.#seen?.version !== lease.metadata.resourceVersion) {
      this.#seen = { version: lease.metadata.resourceVersion, atMs: nowMs };
    }
    const freeInMs = lease && this.#seen ? this.#freeInMs(lease, nowMs - this.#seen.atMs) : 0;
    if (freeInMs <= 0) await this.#take(lease, signal);
    return freeInMs;
  }

  #freeInMs({ spec }: LeaseObject, seenForMs: number): number {
    if (!spec?.holderIdentity || spec.holderIdentity === this.#holder) return 0;
    return (spec.leaseDurationSeconds ?? this.#times.durationMs / 1_000) * 1_000 - seenForMs;
  }

  async #take(lease: LeaseObject | undefined, signal: AbortSignal): Promise<void> {
    const { namespace, name } = this.#options;
    const sentMs = this.#clock.monotonicMs();
    const now = microTime(this.#clock.now());
    const transitions = lease?.spec?.leaseTransitions ?? 0;
    // Ours already: the answer to our own write was lost on its way.
    const ours = lease?.spec?.holderIdentity === this.#holder;
    const spec = {
      holderIdentity: this.#holder,
      leaseDurationSeconds: Math.ceil(this.#times.durationMs / 1_000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: ours ? transitions : transitions + 1,
    };
    this.#lease = lease
      ? await this.#client.replace(leaseKind, withSpec(lease, spec), {}, signal)
      : await this.#client.create(leaseKind, { metadata: { namespace, name }, spec }, {}, signal);
    this.#confirmedMs = sentMs;
    this.#state = 'held';
    void this.#renewUntilOver();
    void this.#giveUpInTime();
  }

  #stillHeld(): boolean {
    if (this.#state !== 'held') return false;
    if (this.#clock.monotonicMs() < this.#confirmedMs + this.#times.giveUpMs) return true;
    this.#lose(`no renewal was confirmed for ${this.#times.giveUpMs} ms`);
    return false;
  }

  #lose(why: string): void {
    if (this.#state !== 'held') return;
    this.#state = 'lost';
    this.#over.abort(new Error(why));
    this.#logger.error('Losing the lease', { reason: why });
    this.#lost.resolve();
    void this.#client.close();
    this.#options.onLost?.(why);
  }

  /** Apart from the renewals, so that one that hangs cannot delay it. */
  async #giveUpInTime(): Promise<void> {
    while (this.#stillHeld()) {
      const leftMs = this.#confirmedMs + this.#times.giveUpMs - this.#clock.monotonicMs();
      await this.#clock.sleep(Math.max(leftMs, 1), this.#over.signal).catch(() => undefined);
    }
  }

  async #renewUntilOver(): Promise<void> {
    const { renewMs, retryMs } = this.#times;
    let pauseMs = renewMs;
    while (this.#state === 'held') {
      await this.#clock.sleep(pauseMs, this.#over.signal).catch(() => undefined);
      if (!this.#stillHeld()) return;
      const startedMs = this.#clock.monotonicMs();
      this.#renewing = this.#renew().then(
        () => {
          pauseMs = renewMs;
        },
        (error: unknown) => {
          // From start to start: a renewal that hung for so long is repeated at once.
          pauseMs = Math.max(0, retryMs - (this.#clock.monotonicMs() - startedMs));
          if (this.#state === 'held') this.#logger.warn('Renewing the lease failed', { error: messageOf(error) });
        },
      );
      await this.#renewing;
    }
  }

  /** Counts from the moment before sending: what others see can only be later. */
  async #renew(): Promise<void> {
    const sentMs = this.#clock.monotonicMs();
    const renewTime = microTime(this.#clock.now());
    this.#sentMs.set(renewTime, sentMs);
    const renewed = await beforeDeadline(this.#clock, this.#times.retryMs, this.#over.signal, (signal) =>
      this.#writeAsHolder({ renewTime }, signal),
    );
    if (this.#state !== 'held') return;
    if ('foundInstead' in renewed) return this.#lose(renewed.foundInstead);
    this.#lease = renewed;
    this.#confirmedMs = sentMs;
    this.#sentMs.clear();
  }

  /**
   * Compare-and-swap on the lease as we left it. A conflict means that the answer to a write of ours was lost, then it is
   * done again; or that the lease is no longer ours.
   */
  async #writeAsHolder(
    spec: LeaseObject['spec'],
    signal: AbortSignal,
  ): Promise<LeaseObject | { readonly foundInstead: string }> {
    if (!this.#lease) return { foundInstead: 'it was never taken' };
    try {
      return await this.#client.replace(leaseKind, withSpec(this.#lease, spec), {}, signal);
    } catch (error) {
      if (!(error instanceof ConflictError) && !(error instanceof NotFoundError)) throw error;
    }
    const stored = await this.#client.get(leaseKind, this.#options, signal);
    if (!stored || stored.metadata.uid !== this.#lease.metadata.uid) return { foundInstead: 'it was deleted' };
    const holder = stored.spec?.holderIdentity;
    if (holder !== this.#holder) return { foundInstead: `it is held by ${holder || 'nobody'}` };
    this.#confirm(stored);
    return await this.#client.replace(leaseKind, withSpec(stored, spec), {}, signal);
  }

  /** What an answer that was lost would have said. */
  #confirm(stored: LeaseObject): void {
    this.#lease = stored;
    const sentMs = this.#sentMs.get(stored.spec?.renewTime ?? '') ?? -Infinity;
    this.#confirmedMs = Math.max(this.#confirmedMs, sentMs);
  }

  async #release(): Promise<void> {
    if (this.#state !== 'held') return;
    const mayWrite = this.#stillHeld();
    this.#state = 'released';
    this.#over.abort(new Error('the lease is released'));
    await this.#renewing;
    try {
      if (!mayWrite) return;
      await beforeDeadline(this.#clock, this.#times.retryMs, undefined, (signal) =>
        this.#writeAsHolder({ holderIdentity: '', leaseDurationSeconds: 1 }, signal),
      );
    } catch (error) {
      // The next holder then waits for the end of its time.
      this.#logger.warn('Releasing the lease failed', { error: messageOf(error) });
    } finally {
      await this.#client.close();
    }
  }
}
