import { backoffMs, messageOf, type Meter } from '@k0smotron/core';
import { subjectFor, type Fact } from '@k0smotron/events';
import type { Bus, ConsumeOptions, FactHandler, Published, Subscription } from './bus.ts';
import { NatsFactLog } from './nats-fact-log.ts';
import { NatsLink, type Broker, type LinkOptions } from './nats-link.ts';
import { NatsSubscription } from './nats-subscription.ts';
import { PublishQueue } from './publish-queue.ts';
import { RecentIds } from './recent-ids.ts';

/** What a bus over NATS needs. */
export interface NatsBusOptions extends Omit<LinkOptions, 'onNewStream'> {
  readonly meter: Meter;
  readonly queueLimit: number;
}

/** How long a caller waits for the broker, in milliseconds. */
const patienceMs = 1_000;
/** How long the broker may take to say that it stored a fact, in milliseconds. */
const ackTimeoutMs = 2_000;
/** How long a closing bus tries to get rid of its queue, in milliseconds. */
const farewellMs = 2_000;

/** The bus over NATS JetStream. */
export class NatsBus implements Bus {
  readonly #options: NatsBusOptions;
  readonly #link: NatsLink;
  readonly #queue: PublishQueue;
  readonly #stored = new RecentIds();
  readonly #subscriptions = new Set<NatsSubscription>();
  readonly #closing = new AbortController();
  readonly #publishing: Promise<void>;
  readonly #onNewStream = new Set<() => void>();
  readonly log: NatsFactLog;
  #refused = false;

  constructor(options: NatsBusOptions) {
    this.#options = options;
    this.#queue = new PublishQueue(options.queueLimit);
    this.#link = new NatsLink({ ...options, onNewStream: () => this.#startedAnew() });
    this.log = new NatsFactLog(this.#link, options);
    this.#link.start();
    this.#publishing = this.#publishAll(this.#closing.signal);
    options.meter.gauge('bus_healthy', () => [{ value: this.healthy ? 1 : 0 }]);
    options.meter.gauge('bus_queue_depth', () => [{ value: this.#queue.size }]);
  }

  get healthy(): boolean {
    return this.#link.connected && !this.#refused;
  }

  async publish(fact: Fact): Promise<Published> {
    if (this.#stored.has(fact.id)) return 'stored';
    if (this.#closing.signal.aborted) return 'dropped';
    const { settled, dropped } = this.#queue.add(fact);
    if (dropped) this.#count('dropped', dropped);
    if (this.healthy) await this.#within(patienceMs, settled);
    return this.#stored.has(fact.id) ? 'stored' : 'queued';
  }

  consume(options: ConsumeOptions, handler: FactHandler): Subscription {
    const { logger, clock } = this.#options;
    const subscription = new NatsSubscription({ link: this.#link, logger, clock }, options, handler);
    this.#subscriptions.add(subscription);
    return {
      stop: async () => {
        this.#subscriptions.delete(subscription);
        await subscription.stop();
      },
    };
  }

  onNewStream(listener: () => void): () => void {
    this.#onNewStream.add(listener);
    return () => this.#onNewStream.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    await this.#within(farewellMs, this.#queue.drained());
    if (this.#queue.size > 0)
      this.#options.logger.warn('Closing the bus with facts in its queue', { facts: this.#queue.size });
    this.#closing.abort();
    await this.#link.close();
    await this.#publishing;
  }

  #startedAnew(): void {
    this.#options.logger.warn('The stream of facts is another one: what was told before is not in it');
    this.#stored.clear();
    for (const listener of this.#onNewStream) listener();
  }

  async #publishAll(signal: AbortSignal): Promise<void> {
    let failures = 0; // since the last fact that was stored
    while (!signal.aborted) {
      try {
        const fact = await this.#queue.oldest(signal);
        const broker = await this.#link.broker(signal);
        const stored = await this.#store(fact, broker);
        failures = stored ? 0 : failures + 1;
        if (stored) continue;
        await this.#link.seeToStream(broker);
        await this.#options.clock.sleep(backoffMs(failures, { baseMs: 100, capMs: 5_000 }), signal);
      } catch (cause) {
        if (!signal.aborted) throw cause;
      }
    }
  }

  async #store(fact: Fact, { js }: Broker): Promise<boolean> {
    try {
      const ack = await js.publish(subjectFor(fact), JSON.stringify(fact), { msgID: fact.id, timeout: ackTimeoutMs });
      this.#refused = false;
      this.#stored.add(fact.id);
      this.#queue.settle(fact.id);
      this.#count(ack.duplicate ? 'repeated' : 'stored', fact);
      return true;
    } catch (cause) {
      this.#notStored(fact, cause);
      return false;
    }
  }

  #notStored(fact: Fact, cause: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#count('failed', fact);
    if (!this.#refused && this.#link.connected) {
      this.#options.logger.warn('A fact was not stored, trying again', { type: fact.type, error: messageOf(cause) });
    }
    this.#refused = true;
    // The broker is there but does not want this one (size limit, say): it must not hold up the others.
    if (this.#link.connected) this.#queue.postpone(fact.id);
  }

  #count(outcome: 'stored' | 'repeated' | 'failed' | 'dropped', { factclass }: Fact): void {
    this.#options.meter.count('bus_facts', { outcome, class: factclass });
  }

  async #within(limitMs: number, promise: Promise<unknown>): Promise<void> {
    const done = new AbortController();
    const limit = this.#options.clock.sleep(limitMs, done.signal).catch(() => undefined);
    await Promise.race([promise, limit]);
    done.abort();
  }
}
