import type { Clock } from '@k0smotron/core';
import { WebSocket, type Dispatcher } from 'undici';
import { openConnections, type Connections } from './connections.ts';
import { ConfigError, KubeError, toKubeError, UnreachableError } from './errors.ts';
import type { Credentials, KubeConfig } from './kube-config.ts';

/** One HTTP call. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs?: number;
}

/** What a transport needs besides the config. */
export interface TransportOptions {
  readonly userAgent: string;
  readonly maxCalls: number;
  /** One exchange, waiting for a connection included, may take so long. Streams have no such limit. */
  readonly callLimitMs: number;
  readonly clock: Clock;
  /** Told of every answer; status 0 when none came. */
  onAnswer(call: Call, status: number, tookMs: number): void;
}

/** How often a call is sent to a server that answers 429, and the longest `Retry-After` that is waited for here. */
const throttleTries = 5;
const longestWaitMs = 10_000;

const resetCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const codeOf = (cause: unknown): string => (cause as { code?: string } | undefined)?.code ?? '';
const isTlsFailure = (code: string): boolean => /CERT|TLS|SSL|SELF_SIGNED|ISSUER/.test(code);

/** Words of a call for messages: never the query or the body. */
export const wordsOf = ({ method, path }: Call): string => `${method} ${path}`;

/** The bytes between us and one API server: pools, credentials, retries that are safe for every caller. */
export class Transport {
  readonly #config: KubeConfig;
  readonly #options: TransportOptions;
  readonly #origin: string;
  readonly #prefix: string;
  #connections: Connections | undefined;
  #seen: Credentials = {};
  #closed = false;

  constructor(config: KubeConfig, options: TransportOptions) {
    const server = new URL(config.server);
    this.#config = config;
    this.#options = options;
    this.#origin = server.origin;
    this.#prefix = server.pathname.replace(/\/+$/, '');
  }

  /**
   * Sends and reads the whole answer. A 429 is waited for within bounds, a longer wait is the caller's; a GET is repeated once when its connection was cut;
   * a 401 or a TLS failure makes the credentials be read again and, if they changed, the call be repeated.
   *
   * @throws UnreachableError when no answer came, the signal's reason when aborted.
   */
  async send(call: Call, signal?: AbortSignal): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      const reply = await this.#sendInTime(call, signal);
      if (reply.status !== 429 || attempt >= throttleTries) return reply;
      const { retryAfterMs = 1_000 } = reply;
      if (retryAfterMs > longestWaitMs) return reply;
      // Spread wider each time: a crowd turned away at once must not come back at once.
      await this.#options.clock.sleep(retryAfterMs * (1 + (Math.random() * attempt) / 2), signal);
    }
  }

  /** As `send`, and throws the KubeError of every status from 400 on. */
  async sendOk(call: Call, signal?: AbortSignal): Promise<unknown> {
    const { status, body, retryAfterMs } = await this.send(call, signal);
    if (status >= 400) throw toKubeError(status, body, wordsOf(call), retryAfterMs);
    return body;
  }

  /** Opens an answer that is read as it comes, on the connections for watches. Throws the KubeError of a refusal. */
  async stream(call: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData['body']> {
    const { statusCode, headers, body } = await this.#withFreshCredentials(call, signal, async (connections) => {
      return await this.#dispatch(connections.watch, call, signal);
    });
    if (statusCode < 400) return body;
    throw toKubeError(statusCode, parse(await body.text(), headers), wordsOf(call), retryAfterOf(headers));
  }

  /** Begins a WebSocket on the connections for watches, with the credentials of this moment; what becomes of it, it tells. */
  async webSocket(path: string, protocol: string): Promise<WebSocket> {
    const { watch: dispatcher } = await this.#current(false);
    const { token } = this.#seen;
    const headers = {
      'user-agent': this.#options.userAgent,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    return new WebSocket(`${this.#origin}${this.#prefix}${path}`, { protocols: protocol, dispatcher, headers });
  }

  /** A second transport of the same server, with `maxCalls` connections of its own. */
  separate(maxCalls: number): Transport {
    return new Transport(this.#config, { ...this.#options, maxCalls });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connections?.close();
  }

  /** undici's own limits begin when a connection is free: behind calls that hang, a call would wait for ever. */
  async #sendInTime(call: Call, signal?: AbortSignal): Promise<Reply> {
    const { callLimitMs } = this.#options;
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(new UnreachableError(`${wordsOf(call)}: no answer within ${callLimitMs} ms (${this.#origin})`));
    }, callLimitMs);
    try {
      return await this.#sendOnce(call, signal ? AbortSignal.any([signal, limit.signal]) : limit.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async #sendOnce(call: Call, signal: AbortSignal): Promise<Reply> {
    const exchange = async (connections: Connections): Promise<Reply & { statusCode: number }> => {
      const { statusCode, headers, body } = await this.#dispatch(connections.calls, call, signal);
      const parsed = parse(await body.text(), headers);
      return { statusCode, status: statusCode, body: parsed, retryAfterMs: retryAfterOf(headers) };
    };
    const exchangeTwice = async (connections: Connections): Promise<Reply & { statusCode: number }> => {
      try {
        return await exchange(connections);
      } catch (cause) {
        if (signal.aborted || call.method !== 'GET' || !resetCodes.has(codeOf(cause))) throw cause;
        return await exchange(connections);
      }
    };
    return await this.#withFreshCredentials(call, signal, exchangeTwice);
  }

  async #withFreshCredentials<R extends { readonly statusCode: number }>(
    call: Call,
    signal: AbortSignal | undefined,
    run: (connections: Connections) => Promise<R>,
  ): Promise<R> {
    const startedMs = this.#options.clock.monotonicMs();
    const tell = (status: number): void =>
      this.#options.onAnswer(call, status, this.#options.clock.monotonicMs() - startedMs);
    try {
      const result = await this.#repeatWhenRenewed(signal, run);
      tell(result.statusCode);
      return result;
    } catch (cause) {
      tell(0);
      if (signal?.aborted) throw signal.reason;
      if (cause instanceof ConfigError || cause instanceof KubeError) throw cause;
      throw new UnreachableError(`${wordsOf(call)}: ${reasonOf(cause)} (${this.#origin})`, { cause });
    }
  }

  async #repeatWhenRenewed<R extends { readonly statusCode: number }>(
    signal: AbortSignal | undefined,
    run: (connections: Connections) => Promise<R>,
  ): Promise<R> {
    const connections = await this.#current(false);
    const used = this.#seen;
    let first: { readonly result: R } | { readonly cause: unknown };
    try {
      first = { result: await run(connections) };
      if (first.result.statusCode !== 401) return first.result;
    } catch (cause) {
      if (signal?.aborted || !isTlsFailure(codeOf(cause))) throw cause;
      first = { cause };
    }
    const renewed = await this.#current(true);
    if (!sameCredentials(used, this.#seen)) return await run(renewed);
    if ('cause' in first) throw first.cause;
    return first.result;
  }

  /** The connections for the credentials of this moment; new ones when CA or client certificate changed. */
  async #current(renew: boolean): Promise<Connections> {
    signalClosed(this.#closed);
    const { token, caPem, clientCertPem, clientKeyPem, credentials } = this.#config;
    const moving = (await credentials?.({ renew })) ?? {};
    const fixed = { token: typeof token === 'function' ? token() : token, caPem, clientCertPem, clientKeyPem };
    const next: Credentials = { ...fixed, ...moving };
    if (!this.#connections || !sameTls(this.#seen, next)) {
      signalClosed(this.#closed);
      void this.#connections?.retire();
      this.#connections = openConnections(this.#config, next, this.#options.maxCalls);
    }
    this.#seen = next;
    return this.#connections;
  }

  async #dispatch(dispatcher: Dispatcher, call: Call, signal?: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { method, path, query, body, contentType = 'application/json', accept = 'application/json' } = call;
    const { token } = this.#seen;
    const search = new URLSearchParams(
      Object.entries(query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined),
    ).toString();
    const answer = dispatcher.request({
      origin: this.#origin,
      path: `${this.#prefix}${path}${search ? `?${search}` : ''}`,
      method,
      signal,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        accept,
        'user-agent': this.#options.userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...call.headers,
      },
    });
    return await (signal ? orAborted(answer, signal) : answer);
  }
}

/** undici 8 looks at the signal only once the call has a connection; without this, a call in line could not be aborted. */
async function orAborted<R>(answer: Promise<R>, signal: AbortSignal): Promise<R> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function signalClosed(closed: boolean): void {
  if (closed) throw new Error('the client is closed');
}

const sameTls = (a: Credentials, b: Credentials): boolean =>
  a.caPem === b.caPem && a.clientCertPem === b.clientCertPem && a.clientKeyPem === b.clientKeyPem;
const sameCredentials = (a: Credentials, b: Credentials): boolean => sameTls(a, b) && a.token === b.token;

/** undici's own message and code; they name hosts and ports, nothing secret. */
function reasonOf(cause: unknown): string {
  const errors = cause instanceof AggregateError ? (cause.errors as unknown[]) : [cause];
  const texts = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  const code = codeOf(cause);
  const text = [...new Set(texts)].join('; ') || 'no answer';
  return code && !text.includes(code) ? `${text} (${code})` : text;
}

type Headers = Dispatcher.ResponseData['headers'];

function parse(text: string, headers: Headers): unknown {
  if (!String(headers['content-type'] ?? '').includes('json') || text === '') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function retryAfterOf(headers: Headers): number | undefined {
  const seconds = Number(headers['retry-after']);
  return headers['retry-after'] !== undefined && Number.isFinite(seconds) ? Math.max(seconds, 0) * 1_000 : undefined;
}
