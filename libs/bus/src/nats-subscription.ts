import { backoffMs, messageOf, type Clock, type Logger } from '@k0smotron/core';
import { parseFact } from '@k0smotron/events';
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiError,
  type ConsumerInfo,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import type { ConsumeOptions, FactHandler, Subscription } from './bus.ts';
import { streamName } from './ensure-stream.ts';
import type { NatsLink } from './nats-link.ts';
import { RecentIds } from './recent-ids.ts';

/** What a subscription shares with its bus. */
export interface SubscriptionContext {
  readonly link: NatsLink;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A durable pull consumer that comes back for ever. */
export class NatsSubscription implements Subscription {
  readonly #context: SubscriptionContext;
  readonly #options: ConsumeOptions;
  readonly #handler: FactHandler;
  readonly #handled = new RecentIds();
  readonly #stopping = new AbortController();
  readonly #life: Promise<void>;

  constructor(context: SubscriptionContext, options: ConsumeOptions, handler: FactHandler) {
    this.#context = { ...context, logger: context.logger.child({ durable: options.durable }) };
    this.#options = options;
    this.#handler = handler;
    this.#life = this.#live(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#life;
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#context;
    let failures = 0; // since the last fact
    while (!signal.aborted) {
      try {
        await this.#read(() => (failures = 0), signal);
      } catch (cause) {
        if (!signal.aborted) logger.warn('Reading facts was interrupted', { error: messageOf(cause) });
      }
      failures += 1;
      await clock.sleep(backoffMs(failures, { baseMs: 250, capMs: 30_000 }), signal).catch(() => undefined);
    }
  }

  async #read(progress: () => void, signal: AbortSignal): Promise<void> {
    const { link } = this.#context;
    const broker = await link.broker(signal);
    await link.seeToStream(broker);
    await ensureDurable(broker.jsm, this.#options);
    const consumer = await broker.js.consumers.get(streamName, this.#options.durable);
    const messages = await consumer.consume({ max_messages: 100, abort_on_missing_resource: true });
    const end = (): void => messages.stop();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    try {
      for await (const message of messages) {
        progress();
        await this.#handle(message);
        if (signal.aborted) break;
      }
    } finally {
      signal.removeEventListener('abort', end);
      messages.stop();
    }
  }

  async #handle(message: JsMsg): Promise<void> {
    const { logger } = this.#context;
    const fact = parseFact(message.string());
    if (!fact) {
      logger.warn('Skipped a message that is no fact', { subject: message.subject });
      message.term('not a fact');
      return;
    }
    try {
      if (!this.#handled.has(fact.id)) await this.#handler(fact);
      this.#handled.add(fact.id);
      message.ack();
    } catch (cause) {
      logger.warn('A fact could not be handled', { type: fact.type, subject: fact.subject, error: messageOf(cause) });
      message.nak(backoffMs(message.info.deliveryCount, { baseMs: 500, capMs: 60_000 }));
    }
  }
}

/** Makes the durable, or gives one that is there our filter; the rest of it belongs to the operator. */
async function ensureDurable(jsm: JetStreamManager, { durable, filter, from = 'new' }: ConsumeOptions): Promise<void> {
  const existing = await observeDurable(jsm, durable);
  if (!existing) {
    await jsm.consumers.add(streamName, {
      durable_name: durable,
      filter_subject: filter,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: from === 'all' ? DeliverPolicy.All : DeliverPolicy.New,
    });
  } else if (existing.config.filter_subject !== filter) {
    await jsm.consumers.update(streamName, durable, { filter_subject: filter });
  }
}

async function observeDurable(jsm: JetStreamManager, durable: string): Promise<ConsumerInfo | undefined> {
  try {
    return await jsm.consumers.info(streamName, durable);
  } catch (cause) {
    if (cause instanceof JetStreamApiError && cause.status === 404) return undefined;
    throw cause;
  }
}
