import type { Bus } from '@k0smotron/bus';
import { systemClock, type Clock, type Logger, type Meter } from '@k0smotron/core';
import type { Service } from '@k0smotron/events';
import { ConfigError } from '@k0smotron/kube';
import { loggedAudit, type Audit } from './audit.ts';
import { Outbox, type OutboxLeading } from './outbox.ts';

/** What {@link openAudit} needs. */
export interface OpenAuditOptions {
  readonly service: Service;
  /** The service's own namespace, if it knows one. */
  readonly namespace: string | undefined;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock?: Clock;
}

/** The audit of a process, and what its leader has to run for it. */
export interface OpenedAudit {
  readonly audit: Audit;
  /** A leader effect of the runtime. */
  readonly run: (leading: OutboxLeading, signal: AbortSignal) => Promise<void>;
}

/**
 * The outbox of a service with NATS; lines in the log without.
 *
 * @throws ConfigError when there is NATS, but no namespace to keep the outbox in.
 */
export function openAudit({ service, namespace, bus, clock = systemClock, ...ports }: OpenAuditOptions): OpenedAudit {
  if (!bus.log) return { audit: loggedAudit(ports.logger), run: () => Promise.resolve() };
  if (!namespace) {
    throw new ConfigError(
      '--nats-url needs to know a namespace for its outbox: set POD_NAMESPACE or --leader-elect-namespace',
    );
  }
  const outbox = new Outbox({
    service,
    namespace,
    log: bus.log,
    onNewStream: (it) => bus.onNewStream(it),
    clock,
    ...ports,
  });
  return { audit: outbox, run: (leading, signal) => outbox.run(leading, signal) };
}
