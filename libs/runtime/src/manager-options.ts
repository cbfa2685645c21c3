import type { Clock, Kind, Logger, Meter } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { Caches } from './caches.ts';
import type { ServiceConfig } from './config/service-config.ts';
import type { Controller } from './controller.ts';
import type { ReadyCheck } from './http/health-server.ts';
import type { Leader } from './leader.ts';
import type { WebhookHandlers } from './webhook/handlers.ts';
import type { CertificateMaker } from './webhook/self-made/self-made-certificates.ts';
import type { ValidatingWebhook } from './webhook/validation.ts';

/** Logs and metrics, as `createTelemetry` of `@k0smotron/telemetry` gives them. */
export interface TelemetryPort {
  readonly logger: Logger;
  readonly meter: Meter;
  readonly metricsText: () => Promise<string>;
  readonly setVerbosity?: (verbosity: number) => void;
  readonly redact?: (text: string) => string;
}

/** What a leading process works with. Writes of `kube` are refused once the leadership is gone. */
export interface Leading {
  readonly leader: Leader;
  /** `<lease uid>/<transitions>`: tells one leadership from another. */
  readonly epoch: string;
  readonly kube: KubeClient;
  readonly caches: Caches;
  readonly clock: Clock;
}

/**
 * What runs only while this process leads, besides controllers: an outbox, a sweeper. Must end when the signal aborts; one
 * that throws ends the service.
 */
export type LeaderEffect = (leading: Leading, signal: AbortSignal) => Promise<void>;

/** What a service answers, and for what it is to be registered. */
export interface ServiceWebhooks extends WebhookHandlers {
  /** Kinds whose versions `convert` knows. */
  readonly converts?: readonly Kind[];
  readonly admit?: readonly ValidatingWebhook[];
}

/** One service process. */
export interface ManagerOptions {
  readonly config: ServiceConfig;
  readonly kube: KubeClient;
  readonly telemetry: TelemetryPort;
  readonly controllers: readonly Controller[];
  readonly webhooks?: ServiceWebhooks;
  /** More reasons not to be ready. Never caches or NATS (ER-4). */
  readonly readyChecks?: Readonly<Record<string, ReadyCheck>>;
  readonly effects?: readonly LeaderEffect[];
  /** Called when the process stops, after the controllers took their last key: drain job pools, flush the outbox. */
  readonly onStop?: readonly (() => Promise<void>)[];
  /** `@k0smotron/pki`, for `--webhook-url`. */
  readonly pki?: CertificateMaker;
  readonly clock?: Clock;
  /** Ends the process when the lease is lost; `process.exit` unless given. */
  readonly exit?: (code: number) => void;
  /** Stops the service gracefully. */
  readonly signal: AbortSignal;
}
