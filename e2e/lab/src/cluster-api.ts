import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { binary } from './binaries/binary.ts';
import { claimPort } from './claims.ts';
import type { Manifest } from './cluster-api-manifests.ts';
import { clusterApiManifests, reachedByUrl } from './cluster-api-manifests.ts';
import { run } from './command.ts';
import type { ControlPlane } from './control-plane.ts';
import { probe } from './http-probe.ts';
import type { Lab } from './lab.ts';
import { createAuthority } from './pki.ts';
import type { LabProcess } from './start-process.ts';
import { assertRunning, startProcess } from './start-process.ts';
import { waitUntil } from './wait-until.ts';

/** Cluster API core at work on a control plane. */
export interface ClusterApi {
  stop(): Promise<void>;
}

/** How Cluster API core runs. */
export interface ClusterApiOptions {
  /** For example `{ ClusterTopology: true }`. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
}

const namespace = 'capi-system';

/**
 * Runs Cluster API core outside the cluster: its CRDs and webhook configurations are installed with addresses on
 * loopback, then the manager starts. Resolves when it is ready and its webhooks answer.
 * @throws LabError with the end of its log when it does not come up.
 */
export async function startClusterApi(
  lab: Lab,
  controlPlane: ControlPlane,
  { featureGates = {} }: ClusterApiOptions = {},
): Promise<ClusterApi> {
  const command = await binary('cluster-api');
  const dir = join(lab.dir, 'cluster-api');
  const authority = await createAuthority('k0smotron lab webhooks');
  const server = await authority.server(['127.0.0.1', 'localhost']);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, 'tls.crt'), server.certPem, { mode: 0o600 });
  writeFileSync(join(dir, 'tls.key'), server.keyPem, { mode: 0o600 });
  const [webhookPort, healthPort, diagnosticsPort] = [await claimPort(lab), await claimPort(lab), await claimPort(lab)];
  const manifests = reachedByUrl(await clusterApiManifests(dirname(command)), {
    url: `https://127.0.0.1:${webhookPort}`,
    caPem: authority.certPem,
  });
  const isWebhook = ({ kind }: Manifest): boolean => kind.endsWith('WebhookConfiguration');
  await apply(controlPlane, [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    ...manifests.filter((one) => !isWebhook(one)),
  ]);
  await controlPlane.kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all');

  const manager = await startProcess(lab, {
    name: 'cluster-api',
    command,
    args: [
      `--kubeconfig=${controlPlane.kubeconfigPath}`,
      '--leader-elect=false',
      `--webhook-port=${webhookPort}`,
      `--webhook-cert-dir=${dir}`,
      `--health-addr=127.0.0.1:${healthPort}`,
      `--diagnostics-address=127.0.0.1:${diagnosticsPort}`,
      '--insecure-diagnostics',
      '--skip-crd-migration-phases=StorageVersionMigration,CleanupManagedFields', // nothing older is ever stored in a lab
      `--feature-gates=${toFlag(featureGates)}`,
    ],
    env: { POD_NAMESPACE: namespace },
  });
  await waitUntilReady(manager, healthPort);
  // Last, so that no request meets a webhook that does not answer yet.
  await apply(controlPlane, manifests.filter(isWebhook));
  return { stop: () => manager.stop() };
}

async function waitUntilReady(manager: LabProcess, healthPort: number): Promise<void> {
  const ready = async (): Promise<boolean> => (await probe(`http://127.0.0.1:${healthPort}/readyz`)).status === 200;
  await waitUntil(() => (assertRunning(manager), ready()), { what: 'Cluster API core' });
}

async function apply({ kubeconfigPath }: ControlPlane, manifests: readonly Manifest[]): Promise<void> {
  const kubectl = await binary('kubectl');
  const args = [
    '--kubeconfig',
    kubeconfigPath,
    'apply',
    '--server-side',
    '--field-manager=lab',
    '--force-conflicts',
    '-f',
    '-',
  ];
  await run(kubectl, args, { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }) });
}

const toFlag = (gates: Readonly<Record<string, boolean>>): string =>
  Object.entries(gates)
    .map(([name, on]) => `${name}=${String(on)}`)
    .join(',');
