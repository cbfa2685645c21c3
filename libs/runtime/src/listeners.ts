import type { Clock } from '@k0smotron/core';
import { ConfigError } from '@k0smotron/kube';
import { ownNamespace } from './config/service-config.ts';
import { createAuthorizer } from './http/authorizer.ts';
import { startDiagnosticsServer, type DiagnosticsServer, type PemPair } from './http/diagnostics-server.ts';
import { startHealthServer, type ReadyCheck } from './http/health-server.ts';
import type { ManagerOptions } from './manager-options.ts';
import { filesSource, type CertificateSource } from './webhook/certificate-source.ts';
import { SelfMadeCertificates } from './webhook/self-made/self-made-certificates.ts';
import { startWebhookServer, type WebhookServer } from './webhook/webhook-server.ts';

/**
 * Opens webhooks, then diagnostics, then health probes, so that a ready process answers reviews (ER-4). What was opened is
 * pushed to `closers`, also when a later listener fails.
 *
 * @throws ConfigError when a certificate or port cannot be had.
 */
export async function openListeners(
  options: ManagerOptions,
  clock: Clock,
  closers: (() => Promise<void>)[],
): Promise<void> {
  const { config, webhooks: handlers } = options;
  const secure = config.diagnosticsAddress !== undefined && !config.insecureDiagnostics;
  const certificates = handlers || secure ? sourceOf(options, clock) : undefined;
  const certificate = await certificates?.read(options.signal);

  const webhooks = handlers && certificate ? await openWebhooks(options, clock, certificate) : undefined;
  if (webhooks) closers.push(() => webhooks.close());
  const diagnostics = await openDiagnostics(options, clock, certificate);
  if (diagnostics) closers.push(() => diagnostics.close());
  if (certificates) closers.push(following(certificates, [webhooks, diagnostics]));

  if (config.healthAddress) {
    const health = await startHealthServer(config.healthAddress, checksOf(options, webhooks, certificates));
    closers.push(() => health.close());
  }
}

const checksOf = (
  { readyChecks = {} }: ManagerOptions,
  webhooks: WebhookServer | undefined,
  certificates: CertificateSource | undefined,
): Readonly<Record<string, ReadyCheck>> => ({
  ...readyChecks,
  ...(webhooks ? { webhooks: () => webhooks.check() } : {}),
  ...(certificates?.check ? { registrations: () => certificates.check?.() } : {}),
});

/** Somebody else's files, or certificates of our own where `--webhook-url` says that nobody else makes them. */
function sourceOf({ config, kube, pki, telemetry, webhooks }: ManagerOptions, clock: Clock): CertificateSource {
  const { webhookCertDir: dir, webhookCertName: certName, webhookKeyName: keyName, webhookUrl: url } = config;
  const { logger } = telemetry;
  if (!url) return filesSource({ dir, certName, keyName }, { clock, logger });
  const namespace = ownNamespace(config);
  if (!namespace) {
    throw new ConfigError('--webhook-url needs to know a namespace: set POD_NAMESPACE or --leader-elect-namespace');
  }
  if (!pki) throw new ConfigError('--webhook-url is of no use here: this service has no webhooks');
  const registered = {
    name: `k0smotron-${config.name}`,
    converts: webhooks?.converts ?? [],
    admits: webhooks?.admit ?? [],
  };
  const [lifeMs, lookMs] = [config.webhookCertDurationMs, config.syncPeriodMs];
  return new SelfMadeCertificates({ kube, pki, namespace, url, lifeMs, lookMs, registered, clock, logger });
}

/** Hands each new certificate to all that show one; gives the way to stop. */
function following(
  certificates: CertificateSource,
  servers: readonly (Pick<WebhookServer, 'renew'> | undefined)[],
): () => Promise<void> {
  const stop = new AbortController();
  const ended = certificates.follow((next) => servers.forEach((server) => server?.renew(next)), stop.signal);
  return async () => {
    stop.abort();
    await ended;
  };
}

const openWebhooks = (
  { webhooks: handlers = {}, config, telemetry: { logger, meter } }: ManagerOptions,
  clock: Clock,
  certificate: PemPair,
): Promise<WebhookServer> =>
  startWebhookServer({ handlers, certificate, port: config.webhookPort, clock, logger, meter });

async function openDiagnostics(
  { config, kube, telemetry }: ManagerOptions,
  clock: Clock,
  certificate: PemPair | undefined,
): Promise<DiagnosticsServer | undefined> {
  const { diagnosticsAddress: address, insecureDiagnostics } = config;
  if (!address) return undefined;
  const secured = insecureDiagnostics ? undefined : certificate;
  return startDiagnosticsServer({
    address,
    logger: telemetry.logger,
    metricsText: () => telemetry.metricsText(),
    setVerbosity: (verbosity) => telemetry.setVerbosity?.(verbosity),
    ...(secured ? { secured: { certificate: secured, authorize: createAuthorizer(kube, clock) } } : {}),
  });
}
