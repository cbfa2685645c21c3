import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import type { Credentials, KubeConfig } from './kube-config.ts';

/** The connections to one API server: watches never take a place from calls (ER-6). */
export interface Connections {
  readonly calls: Dispatcher;
  readonly watch: Dispatcher;
  /** Takes no more; what runs may end, watches included. */
  retire(): Promise<void>;
  /** Lets running calls end and cuts watches. */
  close(): Promise<void>;
}

/** Below the API server's own idle limit of 90 s, so that it is never the server that closes under a request. */
const keepAliveMs = 55_000;
const connectTimeoutMs = 10_000;

/**
 * Opens nothing yet; sockets come with the first calls. HTTP/1.1 only: watches and calls on one HTTP/2 connection starve
 * each other (ER-6). undici 8 would negotiate HTTP/2 unless told.
 */
export function openConnections(config: KubeConfig, credentials: Credentials, maxCalls: number): Connections {
  const tls = {
    ca: credentials.caPem,
    cert: credentials.clientCertPem,
    key: credentials.clientKeyPem,
    rejectUnauthorized: config.insecureSkipTlsVerify !== true,
    servername: config.tlsServerName,
  };
  const shared = { allowH2: false, pipelining: 1, keepAliveTimeout: keepAliveMs } as const;
  // A dead peer is noticed after the delay plus ten probes, a second apart (libuv's figures).
  const connect = { ...tls, allowH2: false, timeout: connectTimeoutMs, keepAlive: true, keepAliveInitialDelay: 15_000 };

  const open = (limits: { connections?: number; bodyTimeout: number; headersTimeout: number }): Dispatcher =>
    config.proxyUrl
      ? new ProxyAgent({ ...shared, ...limits, uri: config.proxyUrl, requestTls: connect })
      : new Agent({ ...shared, ...limits, connect });

  const calls = open({ connections: maxCalls, bodyTimeout: 60_000, headersTimeout: 65_000 });
  const watch = open({ bodyTimeout: 0, headersTimeout: 65_000 });
  return {
    calls,
    watch,
    retire: async () => void (await Promise.allSettled([calls.close(), watch.close()])),
    close: async () => void (await Promise.allSettled([calls.close(), watch.destroy()])),
  };
}
