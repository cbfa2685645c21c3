import { silentLogger, silentMeter, systemClock, type Clock, type Logger, type Meter } from '@k0smotron/core';
import type { Bus } from './bus.ts';
import { parseNatsAddress } from './nats-address.ts';
import { nullBus } from './null-bus.ts';

/** Where to connect, and the ports. */
export interface ConnectBusOptions {
  /** Value of `--nats-url`; undefined or empty gives {@link nullBus}. */
  readonly url: string | undefined;
  /**
   * Value of `--nats-cert-dir`: a folder with `ca.crt`, `tls.crt` and `tls.key`, as cert-manager fills Secrets. Read at each
   * connection, so that renewed ones are used. Undefined or empty: the CAs that Node knows, and no certificate.
   */
  readonly certDir?: string;
  /** Value of `--nats-replicas`: copies of the stream if this bus makes it; 1 unless given. */
  readonly streamReplicas?: number;
  /** Name of the service, seen in the broker's list of connections. */
  readonly name: string;
  readonly logger?: Logger;
  readonly meter?: Meter;
  readonly clock?: Clock;
  /** How many facts may wait in memory. */
  readonly queueLimit?: number;
}

/**
 * Opens the bus and returns at once: a broker that is away is waited for in the background, for ever (SR-18). The NATS client
 * is loaded only when there is a URL (ER-5).
 *
 * @throws NatsAddressError when the URL cannot be one of a NATS server.
 */
export async function connectBus(options: ConnectBusOptions): Promise<Bus> {
  const { url, name, logger = silentLogger, meter = silentMeter, clock = systemClock, queueLimit = 10_000 } = options;
  const { certDir = '', streamReplicas = 1 } = options;
  if (!url) return nullBus;
  const address = parseNatsAddress(url);
  const { NatsBus } = await import('./nats-bus.ts');
  return new NatsBus({ address, certDir, streamReplicas, name, logger, meter, clock, queueLimit });
}
