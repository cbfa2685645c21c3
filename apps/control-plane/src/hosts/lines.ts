import { messageOf, type Logger } from '@k0smotron/core';

/** A connection to one service of a controller, which may be used again. */
export interface Line {
  /** True while something stands on it that ends when the service does: then silence means that nothing has happened. */
  readonly watched: boolean;
  /** Resolves when it has ended, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

/** What listens on the loopback of a controller. */
export type Service = 'api' | 'etcd';

/** Which line, and how it is opened. */
export interface LineTo<L extends Line> {
  /** uid of the RemoteMachine whose session carries it. */
  readonly uid: string;
  readonly service: Service;
  /** Another value, such as a certificate of another authority, asks for another line. */
  readonly inputs: string;
  /** Whether to keep it after the look; true unless told. */
  readonly keep?: boolean;
  open(): Promise<L>;
}

/** A line that has just answered. */
export interface Answered<L extends Line, T> {
  readonly line: L;
  readonly answer: T;
  /** Says that it is not needed any more in this look. */
  readonly done: () => void;
}

/** How many are kept, and for how long. */
export interface LinesOptions {
  /** Hears whose line has ended by itself. */
  readonly lost: (uid: string) => void;
  readonly log?: Logger;
  /** As many are kept; each takes about 0.1 MB. 400 unless told; more are opened for each look. */
  readonly most?: number;
  /** One that nobody asked on for so long is closed; longer than two looks unless told. */
  readonly idleMs?: number;
  /** One that ends sooner is told of later, so that a service which hangs up at once is not asked without a pause; 10 s unless told. */
  readonly pauseMs?: number;
  /** How long a kept one may take to answer before a new one is tried; 2 s unless told. */
  readonly reuseLimitMs?: number;
}

interface Kept {
  readonly line: Line;
  readonly inputs: string;
  readonly sinceMs: number;
  readonly idle: NodeJS.Timeout;
}

/** Lines that are kept between looks, since opening one costs several times what asking on it does (ADR 0014). */
export class Lines {
  readonly #kept = new Map<string, Kept>();
  readonly #options: Required<Omit<LinesOptions, 'log'>> & Pick<LinesOptions, 'log'>;

  constructor(options: LinesOptions) {
    this.#options = { most: 400, idleMs: 25 * 60_000, pauseMs: 10_000, reuseLimitMs: 2000, ...options };
  }

  /** Whether a line is kept that would tell if its service ended. */
  isWatched(uid: string, service: Service): boolean {
    return this.#kept.get(nameOf({ uid, service }))?.line.watched === true;
  }

  /**
   * Asks on the kept line, and on a new one where there is none, where other inputs are wanted or where the kept one fails or
   * is silent.
   *
   * @throws what `open` or `ask` throws on the new line; the signal's reason when aborted.
   */
  async ask<L extends Line, T>(
    to: LineTo<L>,
    ask: (line: L, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<Answered<L, T>> {
    return (await this.#askKept(to, ask, signal)) ?? (await this.#askNew(to, ask, signal));
  }

  /** Closes the lines of one host. */
  forget(uid: string): void {
    for (const service of ['api', 'etcd'] as const) this.#drop(nameOf({ uid, service }));
  }

  async #askKept<L extends Line, T>(
    to: LineTo<L>,
    ask: (line: L, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<Answered<L, T> | undefined> {
    const name = nameOf(to);
    const kept = this.#kept.get(name);
    if (kept && kept.inputs !== to.inputs) this.#drop(name);
    if (kept?.inputs !== to.inputs) return undefined;
    const line = kept.line as L; // the name says which service, and so which kind of line
    try {
      const answer = await ask(line, AbortSignal.any([signal, AbortSignal.timeout(this.#options.reuseLimitMs)]));
      kept.idle.refresh();
      return { line, answer, done: () => undefined };
    } catch (cause) {
      if (this.#kept.get(name) === kept) this.#drop(name);
      signal.throwIfAborted();
      this.#options.log?.debug('A kept line did not answer', { service: to.service, reason: messageOf(cause) });
      return undefined;
    }
  }

  async #askNew<L extends Line, T>(
    to: LineTo<L>,
    ask: (line: L, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<Answered<L, T>> {
    const line = await to.open();
    try {
      const answer = await ask(line, signal);
      const kept = to.keep !== false && this.#keep(to, line);
      return { line, answer, done: kept ? () => undefined : () => line.close() };
    } catch (cause) {
      line.close();
      throw cause;
    }
  }

  #keep({ uid, service, inputs }: LineTo<Line>, line: Line): boolean {
    const name = nameOf({ uid, service });
    const { most, idleMs, pauseMs, lost } = this.#options;
    this.#drop(name);
    if (this.#kept.size >= most) return false;
    const idle = setTimeout(() => this.#drop(name), idleMs).unref();
    const kept = { line, inputs, sinceMs: performance.now(), idle };
    this.#kept.set(name, kept);
    void line.closed.then(() => {
      if (this.#kept.get(name) !== kept) return; // we ended it ourselves
      this.#drop(name);
      setTimeout(() => lost(uid), Math.max(0, kept.sinceMs + pauseMs - performance.now())).unref();
    });
    return true;
  }

  #drop(name: string): void {
    const kept = this.#kept.get(name);
    if (!kept) return;
    this.#kept.delete(name);
    clearTimeout(kept.idle);
    kept.line.close();
  }
}

const nameOf = ({ uid, service }: { readonly uid: string; readonly service: Service }): string => `${service} ${uid}`;
