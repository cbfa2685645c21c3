import type { Fact } from '@k0smotron/events';
import type { FactLog } from './fact-log.ts';

/**
 * What became of a published fact: `stored` by the broker, `queued` in memory until the broker answers, or `dropped` since
 * this service runs without NATS.
 */
export type Published = 'stored' | 'queued' | 'dropped';

/** What to read, and under which name the broker remembers how far we are. */
export interface ConsumeOptions {
  /** Letters, digits, `-` and `_`; one name per purpose, shared by the replicas of a service. */
  readonly durable: string;
  /** A subject with wildcards: `subjectFilter` of `@k0smotron/events` makes one. */
  readonly filter: string;
  /** Where a durable begins that the broker does not know yet; `new` unless told, as services list everything at start. */
  readonly from?: 'new' | 'all';
}

/** Takes one fact. When it throws, the fact is delivered again later. */
export type FactHandler = (fact: Fact) => void | Promise<void>;

/** One running {@link Bus.consume}. */
export interface Subscription {
  /** Ends it and waits for the handler that runs. The durable stays, so that the next one goes on from there. */
  stop(): Promise<void>;
}

/**
 * Facts over NATS. The bus may wake somebody and may inform; it never is the only copy of anything, and no failure of NATS
 * reaches a caller (SR-8, SR-9).
 */
export interface Bus {
  /** False while the broker is away or refuses facts. For metrics and logs; never part of readiness (ER-4). */
  readonly healthy: boolean;
  /**
   * Publishes a fact under its id, so that a repeat is dropped. Waits a second at most and never rejects: what the broker has
   * not stored by then waits in a bounded queue in memory. A full queue gives up its oldest state facts first, since the next
   * run of their object tells them again. The order is kept while all goes well, and not promised otherwise.
   */
  publish(fact: Fact): Promise<Published>;
  /**
   * Reads facts for ever, whatever the broker does; the handler runs for one fact at a time and a fact is acknowledged after
   * it. Ids that this process has handled are skipped. Replicas share the facts of a durable: only a leader should consume.
   */
  consume(options: ConsumeOptions, handler: FactHandler): Subscription;
  /** The stream for the audit outbox; absent when this service runs without NATS. */
  readonly log?: FactLog;
  /** Calls back whenever another stream has taken the place of the one that was there: what it held is not told any more. */
  onNewStream(listener: () => void): () => void;
  /** Gives what is queued a last chance of two seconds, then ends everything. */
  close(): Promise<void>;
}
