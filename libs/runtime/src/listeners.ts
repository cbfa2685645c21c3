import type { Clock } from '@k0smotron/core';
import { createAuthorizer } from './http/authorizer.ts';
import { startDiagnosticsServer, type PemPair } from './http/diagnostics-server.ts';
import { startHealthServer } from './http/health-server.ts';
import type { ManagerOptions } from './manager-options.ts';
import { readCertificate, type CertificateFiles } from './webhook/certificate-files.ts';
import { startWebhookServer } from './webhook/webhook-server.ts';

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
  const { config, telemetry, webhooks: handlers, readyChecks = {} } = options;
  const { logger, meter } = telemetry;
  const webhooks = handlers
    ? await startWebhookServer({ handlers, files: filesOf(options), port: config.webhookPort, clock, logger, meter })
    : undefined;
  if (webhooks) closers.push(() => webhooks.close());

  if (config.diagnosticsAddress) closers.push(await openDiagnostics(options, config.diagnosticsAddress, clock));
  if (config.healthAddress) {
    const checks = { ...readyChecks, ...(webhooks ? { webhooks: () => webhooks.check() } : {}) };
    const health = await startHealthServer(config.healthAddress, checks);
    closers.push(() => health.close());
  }
}

async function openDiagnostics(
  options: ManagerOptions,
  address: NonNullable<ManagerOptions['config']['diagnosticsAddress']>,
  clock: Clock,
): Promise<() => Promise<void>> {
  const { config, kube, telemetry } = options;
  const server = await startDiagnosticsServer({
    address,
    logger: telemetry.logger,
    metricsText: () => telemetry.metricsText(),
    setVerbosity: (verbosity) => telemetry.setVerbosity?.(verbosity),
    ...(config.insecureDiagnostics
      ? {}
      : { secured: { certificate: await pairOf(options), authorize: createAuthorizer(kube, clock) } }),
  });
  return () => server.close();
}

/** A certificate made for the purpose, or the one of the webhooks. */
const pairOf = async (options: ManagerOptions): Promise<PemPair> =>
  options.diagnosticsCertificate ? await options.diagnosticsCertificate() : await readCertificate(filesOf(options));

const filesOf = ({ config }: ManagerOptions): CertificateFiles => ({
  dir: config.webhookCertDir,
  certName: config.webhookCertName,
  keyName: config.webhookKeyName,
});
