import type { Fact } from '@k0smotron/events';

/** Where a fact is stored. */
export interface Stored {
  /** Tells one stream from another of the same name: when it was made. Empty when these credentials cannot see it. */
  readonly stream: string;
  /** Place in the stream. */
  readonly sequence: number;
  /** It was there before. */
  readonly repeated: boolean;
}

/**
 * The stream as the audit outbox needs it (SR-8). Every method waits for the broker, for ever, and rejects only with the
 * reason of its signal.
 */
export interface FactLog {
  /** Whether the stream holds a fact on this one's subject. */
  holds(fact: Fact, signal: AbortSignal): Promise<boolean>;
  /** Appends a fact whose subject is its own; resolves once the broker has it, also when it had it before. */
  append(fact: Fact, signal: AbortSignal): Promise<Stored>;
  /** Which stream is there now. */
  stream(signal: AbortSignal): Promise<string>;
}
