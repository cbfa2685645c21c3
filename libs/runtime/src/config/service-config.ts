import { ConfigError } from '@k0smotron/kube';
import { HelpRequested } from './help-requested.ts';
import {
  addressFlag,
  booleanFlag,
  durationFlag,
  integerFlag,
  originFlag,
  textFlag,
  type Flags,
  type FlagValues,
} from './flag.ts';
import { parseFlags } from './parse-flags.ts';
import { helpText } from './help-text.ts';

/** The flags that all services share: those that Cluster API users expect, and ours (design.md). */
const common = {
  leaderElect: booleanFlag('leader-elect', false, 'Only one replica at a time works, chosen by a Lease.'),
  leaderElectNamespace: textFlag('leader-elect-namespace', '', 'Namespace of the Lease; the own one unless given.'),
  leaseDurationMs: durationFlag('leader-elect-lease-duration', 12_000, 'How long others respect a Lease not renewed.'),
  renewDeadlineMs: durationFlag(
    'leader-elect-renew-deadline',
    8000,
    'The leader gives up this long after its last confirmed renewal.',
  ),
  retryPeriodMs: durationFlag('leader-elect-retry-period', 2000, 'How often a Lease is tried for.'),
  healthAddress: addressFlag('health-addr', { port: 9440 }, 'Where /healthz and /readyz are served.'),
  diagnosticsAddress: addressFlag(
    'diagnostics-address',
    { port: 8443 },
    'Where /metrics is served; 0 switches it off.',
  ),
  insecureDiagnostics: booleanFlag(
    'insecure-diagnostics',
    false,
    'Serve diagnostics over HTTP without authentication.',
  ),
  namespace: textFlag('namespace', '', 'Watch this namespace only; all unless given.'),
  watchFilter: textFlag(
    'watch-filter',
    '',
    'Handle only objects whose label cluster.x-k8s.io/watch-filter has this value.',
  ),
  webhookPort: integerFlag('webhook-port', 9443, 'Port of the webhooks.', { max: 65_535 }),
  webhookUrl: originFlag(
    'webhook-url',
    'https://host:port where API servers reach the webhooks of a service that runs outside of a cluster: it then makes and renews its certificate and registers its webhooks by itself.',
  ),
  webhookCertDurationMs: durationFlag(
    'webhook-cert-duration',
    90 * 24 * 3_600_000,
    'How long a certificate made for --webhook-url is good for; at half of it the next is made.',
    { min: 10_000 },
  ),
  webhookCertDir: textFlag(
    'webhook-cert-dir',
    '/tmp/k8s-webhook-server/serving-certs',
    'Folder of the webhook certificate.',
    'path',
  ),
  webhookCertName: textFlag('webhook-cert-name', 'tls.crt', 'File of the certificate in that folder.'),
  webhookKeyName: textFlag('webhook-key-name', 'tls.key', 'File of the key in that folder.'),
  concurrency: integerFlag('concurrency', 10, 'Objects that each controller handles at once.', { min: 1, max: 1000 }),
  syncPeriodMs: durationFlag('sync-period', 600_000, 'How often settled objects are looked at again.'),
  kubeconfig: textFlag('kubeconfig', '', 'Path of a kubeconfig; in-cluster credentials unless given.', 'path'),
  natsUrl: textFlag(
    'nats-url',
    '',
    'NATS server for facts, e.g. nats://nats:4222; no facts are sent unless given.',
    'url',
  ),
  natsCertDir: textFlag(
    'nats-cert-dir',
    '',
    'Folder of ca.crt, tls.crt and tls.key for tls:// NATS servers; public CAs and no certificate of our own unless given.',
    'path',
  ),
  natsReplicas: integerFlag(
    'nats-replicas',
    1,
    'On how many NATS servers the stream of facts is kept, where the service makes it.',
    { min: 1, max: 5 },
  ),
  verbosity: integerFlag('v', 2, 'Verbosity of the log; 4 and above show debugging.', { max: 10 }),
} satisfies Flags;

/** Settings of one service process, from flags and environment. */
export type ServiceConfig = FlagValues<typeof common> & {
  /** `infrastructure`, `bootstrap`, … */
  readonly name: string;
  readonly version: string;
  /** The pod's namespace when known (`POD_NAMESPACE`). */
  readonly podNamespace?: string;
  /** The pod's name when known (`POD_NAME`), else the host's: the holder shown in the Lease. */
  readonly podName?: string;
  /** The environment as given, for `loadKubeConfig` alone. */
  readonly env: Environment;
};

/** Where the service keeps what is its own: its Lease, its outbox; undefined when nobody told. */
export const ownNamespace = (
  config: Pick<ServiceConfig, 'leaderElectNamespace' | 'podNamespace' | 'namespace'>,
): string | undefined => config.leaderElectNamespace || config.podNamespace || config.namespace || undefined;

/** What the flags say of NATS, in the words of `connectBus`. */
export const natsOptions = ({ natsUrl, natsCertDir, natsReplicas }: ServiceConfig) => ({
  url: natsUrl,
  certDir: natsCertDir,
  streamReplicas: natsReplicas,
});

/** Environment variables, `process.env` in production. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What {@link loadServiceConfig} reads. */
export interface ConfigSource<F extends Flags> {
  readonly name: string;
  readonly version?: string;
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Flags that only this service has, e.g. `{ hostJobs: integerFlag('host-jobs', 50, '…') }`. */
  readonly flags?: F;
}

/**
 * Reads flags, and for those not given the environment (`K0SMOTRON_LEADER_ELECT` for `--leader-elect`).
 *
 * @throws ConfigError naming the flag or variable that is unknown or wrong, and what to write.
 * @throws HelpRequested for `--help` and `--version`.
 */
export function loadServiceConfig<const F extends Flags = Record<never, never>>(
  source: ConfigSource<F>,
): ServiceConfig & FlagValues<F> {
  const { name, version = '0.0.0', argv, env } = source;
  const flags = { ...common, ...source.flags } as typeof common & F;
  if (argv.includes('--help') || argv.includes('-h')) throw new HelpRequested(helpText(name, flags));
  if (argv.includes('--version')) throw new HelpRequested(`k0smotron-${name} ${version}\n`);
  const values = parseFlags(flags, argv, env);
  checkLeaseTimes(values);
  return {
    ...(values as FlagValues<typeof common> & FlagValues<F>),
    name,
    version,
    env,
    ...(env['POD_NAMESPACE'] ? { podNamespace: env['POD_NAMESPACE'] } : {}),
    ...(env['POD_NAME'] ? { podName: env['POD_NAME'] } : {}),
  };
}

/** A leader that gives up after others may take over would let two lead at once (SR-7). */
function checkLeaseTimes({ leaseDurationMs, renewDeadlineMs, retryPeriodMs }: FlagValues<typeof common>): void {
  if (retryPeriodMs > 0 && retryPeriodMs < renewDeadlineMs && renewDeadlineMs < leaseDurationMs) return;
  throw new ConfigError(
    '--leader-elect-retry-period must be below --leader-elect-renew-deadline, and that below --leader-elect-lease-duration',
  );
}
