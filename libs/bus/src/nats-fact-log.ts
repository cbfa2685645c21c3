import { backoffMs, messageOf, type Clock, type Logger } from '@k0smotron/core';
import { subjectFor, type Fact } from '@k0smotron/events';
import { JetStreamApiError } from '@nats-io/jetstream';
import { streamName } from './ensure-stream.ts';
import type { FactLog, Stored } from './fact-log.ts';
import type { Broker, NatsLink } from './nats-link.ts';
import { unlessAborted } from './unless-aborted.ts';

/** How long the broker may take to answer, in milliseconds. */
const answerMs = 5_000;
/** JetStream's "wrong last sequence": the subject holds a message already. */
const wrongLastSequence = 10071;

/** {@link FactLog} over JetStream. */
export class NatsFactLog implements FactLog {
  readonly #link: NatsLink;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(link: NatsLink, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#link = link;
    this.#clock = clock;
    this.#logger = logger;
  }

  holds(fact: Fact, signal: AbortSignal): Promise<boolean> {
    return this.#insist(async (broker) => (await sequenceOf(broker, fact)) !== undefined, signal);
  }

  append(fact: Fact, signal: AbortSignal): Promise<Stored> {
    return this.#insist(async (broker) => {
      const stored = await store(broker, fact);
      const sequence = stored ?? (await sequenceOf(broker, fact));
      if (sequence === undefined) throw new Error('the broker refused a fact that it does not hold');
      return { stream: this.#link.stream, sequence, repeated: stored === undefined };
    }, signal);
  }

  stream(signal: AbortSignal): Promise<string> {
    return this.#insist(() => Promise.resolve(this.#link.stream), signal);
  }

  /** Tries until it succeeds; says the first failure of a row. */
  async #insist<T>(ask: (broker: Broker) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let failures = 0; ;) {
      const broker = await this.#link.broker(signal);
      signal.throwIfAborted(); // the link may be closing by now: the client library dies of a write to a closed socket
      try {
        return await unlessAborted(ask(broker), signal);
      } catch (cause) {
        signal.throwIfAborted();
        failures += 1;
        if (failures === 1) this.#logger.warn('The audit log of NATS did not answer', { error: messageOf(cause) });
        await this.#link.seeToStream(broker);
        await this.#clock.sleep(backoffMs(failures, { baseMs: 200, capMs: 10_000 }), signal);
      }
    }
  }
}

/** The fact's place in the stream, or undefined when the broker says that its subject holds something already. */
async function store({ js }: Broker, fact: Fact): Promise<number | undefined> {
  try {
    const expect = { lastSubjectSequence: 0 };
    const { seq } = await js.publish(subjectFor(fact), JSON.stringify(fact), { expect, timeout: answerMs });
    return seq;
  } catch (cause) {
    if (cause instanceof JetStreamApiError && cause.code === wrongLastSequence) return undefined;
    throw cause;
  }
}

async function sequenceOf({ jsm }: Broker, fact: Fact): Promise<number | undefined> {
  try {
    return (await jsm.streams.getMessage(streamName, { last_by_subj: subjectFor(fact) }))?.seq;
  } catch (cause) {
    if (cause instanceof JetStreamApiError && cause.status === 404) return undefined;
    throw cause;
  }
}
