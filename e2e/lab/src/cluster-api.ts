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
  /** Takes its webhooks, kinds and namespace out of the API server, with all objects of these kinds. */
  uninstall(): Promise<void>;
}

/** How Cluster API core runs. */
export interface ClusterApiOptions {
  /** For example `{ ClusterTopology: true }`. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** Address of this host at which the API server reaches webhooks; loopback unless given. */
  readonly webhookHost?: string;
}

const namespace = 'capi-system';
const ownNamespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };

/**
 * Runs Cluster API core outside the cluster: its CRDs and webhook configurations are installed with addresses on
 * this host, then the manager starts. Resolves when it is ready and its webhooks answer.
 * @throws LabError with the end of its log when it does not come up.
 */
export async function startClusterApi(
  lab: Lab,
  controlPlane: ControlPlane,
  { featureGates = {}, webhookHost = '127.0.0.1' }: ClusterApiOptions = {},
): Promise<ClusterApi> {
  const command = await binary('cluster-api');
  const dir = join(lab.dir, 'cluster-api');
  const authority = await createAuthority('k0smotron lab webhooks');
  const server = await authority.server([webhookHost, '127.0.0.1', 'localhost']);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, 'tls.crt'), server.certPem, { mode: 0o600 });
  writeFileSync(join(dir, 'tls.key'), server.keyPem, { mode: 0o600 });
  const [webhookPort, healthPort, diagnosticsPort] = [await claimPort(lab), await claimPort(lab), await claimPort(lab)];
  const manifests = reachedByUrl(await clusterApiManifests(dirname(command)), {
    url: `https://${webhookHost}:${webhookPort}`,
    caPem: authority.certPem,
  });
  const isWebhook = ({ kind }: Manifest): boolean => kind.endsWith('WebhookConfiguration');
  await apply(controlPlane, [ownNamespace, ...manifests.filter((one) => !isWebhook(one))]);
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
  return {
    stop: () => manager.stop(),
    async uninstall() {
      await manager.stop();
      // Webhooks first: with nobody behind them they would refuse the rest.
      await remove(controlPlane, manifests.filter(isWebhook));
      await withoutFinalizers(controlPlane, manifests);
      await remove(controlPlane, [...manifests.filter((one) => !isWebhook(one)), ownNamespace]);
    },
  };
}

/** Frees the objects of core's kinds, which nobody reconciles any more. */
async function withoutFinalizers(controlPlane: ControlPlane, manifests: readonly Manifest[]): Promise<void> {
  for (const { kind, metadata } of manifests) {
    if (kind !== 'CustomResourceDefinition') continue;
    const path = '{range .items[*]}{.metadata.namespace}{" "}{.metadata.name}{"\\n"}{end}';
    const objects = await controlPlane.kubectl('get', metadata.name, '--all-namespaces', '-o', `jsonpath=${path}`);
    for (const [namespace = '', name = ''] of objects.split('\n').map((line) => line.split(' '))) {
      if (!name) continue;
      const patch = '{"metadata":{"finalizers":null}}';
      const at = namespace ? ['-n', namespace] : [];
      await controlPlane.kubectl('patch', metadata.name, name, ...at, '--type=merge', '-p', patch);
    }
  }
}

async function waitUntilReady(manager: LabProcess, healthPort: number): Promise<void> {
  const ready = async (): Promise<boolean> => (await probe(`http://127.0.0.1:${healthPort}/readyz`)).status === 200;
  await waitUntil(() => (assertRunning(manager), ready()), { what: 'Cluster API core' });
}

const apply = (controlPlane: ControlPlane, manifests: readonly Manifest[]): Promise<void> =>
  kubectlWith(controlPlane, manifests, ['apply', '--server-side', '--field-manager=lab', '--force-conflicts']);

const remove = (controlPlane: ControlPlane, manifests: readonly Manifest[]): Promise<void> =>
  kubectlWith(controlPlane, manifests, ['delete', '--ignore-not-found', '--timeout=60s']);

async function kubectlWith(
  { kubeconfigPath }: ControlPlane,
  manifests: readonly Manifest[],
  verb: readonly string[],
): Promise<void> {
  const args = ['--kubeconfig', kubeconfigPath, ...verb, '-f', '-'];
  await run(await binary('kubectl'), args, {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
  });
}

const toFlag = (gates: Readonly<Record<string, boolean>>): string =>
  Object.entries(gates)
    .map(([name, on]) => `${name}=${String(on)}`)
    .join(',');
