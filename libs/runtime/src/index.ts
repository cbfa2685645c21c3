export type { CacheReader, Caches, Indexes } from './caches.ts';
export { Expectations, type Progress } from './controller/expectations.ts';
export { Informers, type InformerOptions, type Selection } from './controller/informers.ts';
export { withCondition, type ConditionInput } from './condition.ts';
export { HelpRequested } from './config/help-requested.ts';
export {
  addressFlag,
  booleanFlag,
  durationFlag,
  integerFlag,
  textFlag,
  type Flag,
  type Flags,
  type FlagValues,
  type ListenAddress,
} from './config/flag.ts';
export {
  loadServiceConfig,
  natsOptions,
  ownNamespace,
  type ConfigSource,
  type Environment,
  type ServiceConfig,
} from './config/service-config.ts';
export { defineController, watch, type Controller, type KeySource, type Permission, type Watch } from './controller.ts';
export { JobPool, type FinishedJob, type JobOptions, type JobPoolOptions } from './job-pool.ts';
export { observePaused, type PausableCluster } from './paused.ts';
export type { Run, Term } from './run.ts';
export { runSteps, type Step } from './run-steps.ts';
export type {
  AdmissionHandler,
  AdmissionRequest,
  AdmissionResponse,
  JsonObject,
  WebhookHandlers,
} from './webhook/handlers.ts';
export { validatingWebhook, type Check, type ValidatingWebhook, type ValidationOptions } from './webhook/validation.ts';
export { fenced, LeadershipLostError, type Leader } from './leader.ts';
export { runManager } from './manager.ts';
export type { LeaderEffect, Leading, ManagerOptions, ServiceWebhooks, TelemetryPort } from './manager-options.ts';
export { runService, type ProcessPort, type ServiceOptions } from './run-service.ts';
export { runtimePermissions } from './runtime-permissions.ts';
export type { PemPair } from './http/diagnostics-server.ts';
export type { ReadyCheck } from './http/health-server.ts';
export { startWebhookServer, type WebhookServer, type WebhookServerOptions } from './webhook/webhook-server.ts';
export { registeredWebhooks } from './webhook/registered-webhooks.ts';
export type { CertificateMaker } from './webhook/self-made/self-made-certificates.ts';
