import type { Server } from 'node:net';
import { messageOf } from '@k0smotron/core';
import { ConfigError } from '@k0smotron/kube';
import type { ListenAddress } from '../config/flag.ts';

/** A listener that is open. */
export interface Listening {
  /** The one that was taken, where port 0 was asked for. */
  readonly port: number;
  /** Ends connections too: probes and scrapers keep theirs open. */
  close(): Promise<void>;
}

/**
 * Opens a listener.
 *
 * @throws ConfigError naming the purpose and address, e.g. when the port is in use.
 */
export async function listen(server: Server, purpose: string, { host, port }: ListenAddress): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(new ConfigError(`cannot listen for ${purpose} on ${host ?? ''}:${port}: ${messageOf(cause)}`, { cause }));
    server.once('error', fail);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', fail);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) (server as { closeAllConnections(): void }).closeAllConnections();
      }),
  };
}
