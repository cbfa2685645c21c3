import { subjectFor, type Fact } from '@k0smotron/events';
import type { Bus, ConsumeOptions, FactHandler, Published } from '../src/index.ts';

/** A broker in memory that behaves as the real one does; the same contract tests run on both. */
export interface FakeBroker {
  /** What its stream holds, oldest first. */
  readonly facts: readonly Fact[];
  connect(): Bus;
  stop(): void;
  /** Stored facts and durables are still there, and what was queued meanwhile arrives. */
  start(): void;
}

/** Starts one that is up and empty. */
export function fakeBroker(): FakeBroker {
  const broker = new Broker();
  return {
    get facts() {
      return broker.facts;
    },
    connect: () => new FakeBus(broker),
    stop: () => broker.switch(false),
    start: () => broker.switch(true),
  };
}

class Broker {
  readonly facts: Fact[] = [];
  readonly positions = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  up = true;

  switch(up: boolean): void {
    this.up = up;
    this.#wake();
  }

  store(fact: Fact): void {
    if (!this.facts.some(({ id }) => id === fact.id)) this.facts.push(structuredClone(fact));
    this.#wake();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }
}

class FakeBus implements Bus {
  readonly #broker: Broker;
  readonly #queued = new Map<string, Fact>();
  readonly #ends: (() => void)[];
  #closed = false;

  constructor(broker: Broker) {
    this.#broker = broker;
    this.#ends = [broker.onChange(() => this.#flush())];
  }

  get healthy(): boolean {
    return this.#broker.up && !this.#closed;
  }

  publish(fact: Fact): Promise<Published> {
    if (this.#closed) return Promise.resolve('dropped');
    this.#queued.set(fact.id, fact);
    this.#flush();
    return Promise.resolve(this.#queued.has(fact.id) ? 'queued' : 'stored');
  }

  consume(options: ConsumeOptions, handler: FactHandler): { stop(): Promise<void> } {
    const reader = new Reader(this.#broker, options, handler);
    const end = this.#broker.onChange(() => reader.wake());
    this.#ends.push(end);
    reader.wake();
    return {
      stop: async () => {
        end();
        await reader.stop();
      },
    };
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const end of this.#ends) end();
    return Promise.resolve();
  }

  #flush(): void {
    if (!this.#broker.up) return;
    for (const fact of [...this.#queued.values()]) {
      this.#queued.delete(fact.id);
      this.#broker.store(fact);
    }
  }
}

class Reader {
  readonly #broker: Broker;
  readonly #options: ConsumeOptions;
  readonly #handler: FactHandler;
  #stopped = false;
  #reading: Promise<void> | undefined;

  constructor(broker: Broker, options: ConsumeOptions, handler: FactHandler) {
    this.#broker = broker;
    this.#options = options;
    this.#handler = handler;
    const start = options.from === 'all' ? 0 : broker.facts.length;
    if (!broker.positions.has(options.durable)) broker.positions.set(options.durable, start);
  }

  wake(): void {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { durable, filter } = this.#options;
    for (;;) {
      await new Promise(setImmediate);
      const at = this.#broker.positions.get(durable) ?? 0;
      const fact = this.#broker.facts[at];
      if (!fact || this.#stopped || !this.#broker.up) return;
      try {
        if (matches(filter, subjectFor(fact))) await this.#handler(structuredClone(fact));
        this.#broker.positions.set(durable, at + 1);
      } catch {
        // Delivered again in the next turn.
      }
    }
  }
}

/** NATS wildcards: `*` is one token, `>` the rest. */
function matches(filter: string, subject: string): boolean {
  const wanted = filter.split('.');
  const tokens = subject.split('.');
  const rest = wanted.at(-1) === '>';
  if (rest ? tokens.length < wanted.length : tokens.length !== wanted.length) return false;
  return wanted.every((token, at) => token === '*' || token === '>' || token === tokens[at]);
}
