import { subjectFor, type Fact } from '@k0smotron/events';
import type { Bus, ConsumeOptions, FactHandler, FactLog, Published, Stored } from '../src/index.ts';

/** A broker in memory that behaves as the real one does; the same contract tests run on both. */
export interface FakeBroker {
  /** What its stream holds, oldest first. */
  readonly facts: readonly Fact[];
  connect(): Bus;
  stop(): void;
  /** Stored facts and durables are still there, and what was queued meanwhile arrives. */
  start(): void;
  /** Forgets stored facts, as after the loss of its disk. */
  wipe(): void;
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
    wipe: () => broker.wipe(),
  };
}

class Broker {
  readonly facts: Fact[] = [];
  readonly positions = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  readonly #onNewStream = new Set<() => void>();
  up = true;
  generation = 1;

  switch(up: boolean): void {
    this.up = up;
    this.#wake();
  }

  store(fact: Fact): void {
    if (!this.facts.some(({ id }) => id === fact.id)) this.facts.push(structuredClone(fact));
    this.#wake();
  }

  wipe(): void {
    this.facts.length = 0;
    this.positions.clear();
    this.generation += 1;
    for (const listener of this.#onNewStream) listener();
  }

  onNewStream(listener: () => void): () => void {
    this.#onNewStream.add(listener);
    return () => this.#onNewStream.delete(listener);
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
  readonly log: FactLog;
  #closed = false;

  constructor(broker: Broker) {
    this.#broker = broker;
    this.log = new FakeFactLog(broker);
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

  onNewStream(listener: () => void): () => void {
    return this.#broker.onNewStream(listener);
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

class FakeFactLog implements FactLog {
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  async holds(fact: Fact, signal: AbortSignal): Promise<boolean> {
    await this.#up(signal);
    return this.#at(fact) >= 0;
  }

  async append(fact: Fact, signal: AbortSignal): Promise<Stored> {
    await this.#up(signal);
    const repeated = this.#at(fact) >= 0;
    if (!repeated) this.#broker.store(fact);
    return { stream: await this.stream(signal), sequence: this.#at(fact) + 1, repeated };
  }

  async stream(signal: AbortSignal): Promise<string> {
    await this.#up(signal);
    return `made-${this.#broker.generation}`;
  }

  #at(fact: Fact): number {
    return this.#broker.facts.findIndex((other) => subjectFor(other) === subjectFor(fact));
  }

  #up(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#broker.up) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = this.#broker.onChange(() => {
        if (!this.#broker.up) return;
        end();
        resolve();
      });
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
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
