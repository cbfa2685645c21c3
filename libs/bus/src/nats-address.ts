import { messageOf } from '@k0smotron/core';

/** Where NATS is and how to log in. */
export interface NatsAddress {
  /** `host:port`, without anything secret. */
  readonly servers: readonly string[];
  readonly tls: boolean;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
}

/** A `--nats-url` that cannot be used. Its message never shows the URL, which may hold a password. */
export class NatsAddressError extends Error {
  override readonly name = 'NatsAddressError';
}

const defaultPort = '4222';

/**
 * Reads `nats://[user:password@|token@]host[:port]`, or `tls://…`, several joined by commas; the login of the first counts.
 *
 * @throws NatsAddressError in one line.
 */
export function parseNatsAddress(text: string): NatsAddress {
  const urls = text.split(',').map((part) => parseServer(part.trim()));
  const [first] = urls;
  if (!first) throw new NatsAddressError('NATS URL: empty');
  if (urls.some(({ protocol }) => protocol !== first.protocol))
    throw new NatsAddressError('NATS URL: either all servers are nats:// or all are tls://');
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || defaultPort}`),
    tls: first.protocol === 'tls:',
    ...loginOf(first),
  };
}

function parseServer(text: string): URL {
  const url = parseUrl(text.includes('://') ? text : `nats://${text}`);
  if (url.protocol !== 'nats:' && url.protocol !== 'tls:') {
    throw new NatsAddressError(
      `NATS URL: ${url.protocol}// is not supported; write nats://host:${defaultPort} or tls://host:${defaultPort}`,
    );
  }
  if (url.hostname === '') throw new NatsAddressError(`NATS URL: no host; write nats://host:${defaultPort}`);
  return url;
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    // The cause stays out: Node puts the whole input on it.
    throw new NatsAddressError(`NATS URL: ${messageOf(cause)}; write nats://host:${defaultPort}`);
  }
}

function loginOf({ username, password }: URL): Pick<NatsAddress, 'user' | 'pass' | 'token'> {
  if (username === '') return {};
  const user = decodeURIComponent(username);
  return password === '' ? { token: user } : { user, pass: decodeURIComponent(password) };
}
