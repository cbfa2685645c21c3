import { join } from 'node:path';
import { backoffMs, messageOf, type Clock, type Logger } from '@k0smotron/core';
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { ensureStream } from './ensure-stream.ts';
import type { NatsAddress } from './nats-address.ts';
import { unlessAborted } from './unless-aborted.ts';

/** The broker while it is connected. */
export interface Broker {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
}

/** What a link needs. */
export interface LinkOptions {
  readonly address: NatsAddress;
  /** Folder of `ca.crt`, `tls.crt` and `tls.key`; empty for public CAs and no certificate. */
  readonly certDir: string;
  /** Copies of the stream if it has to be made. */
  readonly streamReplicas: number;
  /** Seen in the broker's list of connections. */
  readonly name: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Called when the stream is another one than before, so that nothing that was stored before is there. */
  readonly onNewStream: () => void;
}

/** One connection to the broker that comes back for ever: first connection, restarts, refused logins, all alike. */
export class NatsLink {
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  #up = Promise.withResolvers<Broker>();
  #connected = false;
  #stream = '';
  #life: Promise<void> = Promise.resolve();

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Begins to connect; returns at once. */
  start(): void {
    this.#life = this.#live(this.#closing.signal);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** When the stream was made that was seen last; empty when these credentials cannot see it. */
  get stream(): string {
    return this.#stream;
  }

  /** The broker, as soon as it is connected. Rejects only when aborted. */
  broker(signal: AbortSignal): Promise<Broker> {
    return unlessAborted(this.#up.promise, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#life;
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    let failures = 0; // since the last connection
    while (!signal.aborted) {
      try {
        await this.#follow(await this.#connect(signal), signal);
        failures = 0;
      } catch (cause) {
        failures += 1;
        if (failures === 1 && !signal.aborted) {
          logger.warn('Waiting for NATS, facts are kept in memory', {
            servers: this.#servers,
            error: messageOf(cause),
          });
        }
      }
      await clock.sleep(backoffMs(failures + 1, { baseMs: 250, capMs: 5_000 }), signal).catch(() => undefined);
    }
  }

  /** Connects, but does not keep a closing bus waiting for a server that does not answer. */
  async #connect(signal: AbortSignal): Promise<NatsConnection> {
    const connecting = connect(this.#connectionOptions());
    try {
      return await unlessAborted(connecting, signal);
    } catch (cause) {
      void connecting.then((late) => late.close()).catch(() => undefined);
      throw cause;
    }
  }

  /** Lives as long as the connection does; the client library reconnects by itself meanwhile. */
  async #follow(connection: NatsConnection, signal: AbortSignal): Promise<void> {
    const end = (): void => void connection.close();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const statuses = connection.status();
    try {
      await this.#opened(connection);
      for await (const status of statuses) {
        if (status.type === 'disconnect') this.#lost(signal);
        else if (status.type === 'reconnect') await this.#opened(connection);
        else if (status.type === 'error')
          this.#options.logger.warn('NATS refused something', { error: status.error.message });
      }
    } finally {
      signal.removeEventListener('abort', end);
      this.#lost(signal);
      await connection.close();
    }
  }

  /** Makes the stream where it is missing. Never throws: credentials may allow to publish only, and publishing tells the truth. */
  async seeToStream({ jsm }: Broker): Promise<void> {
    const { logger, onNewStream } = this.#options;
    try {
      const stream = await ensureStream(jsm, this.#options.streamReplicas);
      const another = this.#stream !== '' && this.#stream !== stream;
      this.#stream = stream;
      if (another) onNewStream();
    } catch (cause) {
      logger.warn('Could not see to the stream of facts', { error: messageOf(cause) });
    }
  }

  async #opened(connection: NatsConnection): Promise<void> {
    const broker = { js: jetstream(connection), jsm: await jetstreamManager(connection, { checkAPI: false }) };
    await this.seeToStream(broker);
    this.#connected = !connection.isClosed();
    this.#up.resolve(broker);
    this.#options.logger.info('Connected to NATS', { servers: this.#servers });
  }

  #lost(signal: AbortSignal): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#up = Promise.withResolvers();
    if (!signal.aborted) this.#options.logger.warn('Lost NATS, facts are kept in memory', { servers: this.#servers });
  }

  get #servers(): string {
    return this.#options.address.servers.join(',');
  }

  #connectionOptions(): NodeConnectionOptions {
    const { address, certDir, name } = this.#options;
    const { servers, tls, ...login } = address;
    return {
      ...login,
      ...(tls ? { tls: certDir ? filesIn(certDir) : {} } : {}),
      servers: [...servers],
      name,
      timeout: 5_000,
      pingInterval: 20_000,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      reconnectJitter: 500,
      ignoreAuthErrorAbort: true,
    };
  }
}

const filesIn = (folder: string) => ({
  caFile: join(folder, 'ca.crt'),
  certFile: join(folder, 'tls.crt'),
  keyFile: join(folder, 'tls.key'),
});
