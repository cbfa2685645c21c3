import { annotations, conditionTypes, type K0smotronCluster, type K0smotronControlPlane } from '@k0smotron/api';
import { isDeleting } from '@k0smotron/core';
import { compareVersions, inSpellingOf } from '@k0smotron/k0s';
import type { Run } from '@k0smotron/runtime';
import type { Pod } from '../../../hosted/kinds.ts';
import { imageTagOf, isReady } from '../../../hosted/pods.ts';
import { isOurs, type HostedControlPlaneScope } from '../scope.ts';

/** Conditions that are told under the same name by the hosted Cluster, which knows them. */
export const mirrored = [
  conditionTypes.available,
  conditionTypes.certificatesAvailable,
  'APIServerReady',
  'CertificatesValid',
  'ControlPlaneExposed',
  'EndpointReachable',
  'EtcdReady',
  'HostingClusterReady',
  'KonnectivityReady',
] as const;

/** Writes the contract's counters and versions, and what the hosted Cluster says (CP-02, CP-04). */
export function reportStatus(scope: HostedControlPlaneScope): void {
  const { run, controlPlane } = scope;
  const hosted = isOurs(scope) ? scope.hosted : undefined;
  if (scope.pods) reportPods(scope, hosted, scope.pods);
  if (!isDeleting(controlPlane)) reportHosted(run, hosted);
}

function reportPods(
  { run, controlPlane }: HostedControlPlaneScope,
  hosted: K0smotronCluster | undefined,
  pods: readonly Pod[],
): void {
  const staying = pods.filter((pod) => hosted !== undefined && !isDeleting(pod));
  const ready = staying.filter(isReady).length;
  const versions = versionsOf(staying, controlPlane.spec.version ?? hosted?.spec.version);
  const counters = { replicas: staying.length, readyReplicas: ready, availableReplicas: ready };
  const upToDateReplicas = hosted?.status?.updatedReplicas ?? 0;
  Object.assign(run.status, { ...counters, upToDateReplicas, versions, externalManagedControlPlane: true });
  Object.assign(run.status, selectorOf(hosted));
  if (versions[0]) run.status.version = versions[0].version;
}

const selectorOf = (hosted: K0smotronCluster | undefined): { readonly selector?: string } =>
  hosted?.status?.selector ? { selector: hosted.status.selector } : {};

function reportHosted(run: Run<K0smotronControlPlane>, hosted: K0smotronCluster | undefined): void {
  run.report({ type: conditionTypes.deleting, status: 'False', reason: 'NotDeleting', message: '' });
  // The identity is written down by whom the API has answered, and stays (CP-10).
  const initialized = hosted?.metadata.annotations?.[annotations.clusterId] !== undefined;
  if (initialized) run.status.initialization = { controlPlaneInitialized: true };
  for (const { type, status, reason, message } of hosted?.status?.conditions ?? []) {
    if (mirrored.some((it) => it === type)) run.report({ type, status, reason, message });
  }
}

function versionsOf(pods: readonly Pod[], spelling: string | undefined): { version: string; replicas: number }[] {
  const counts = new Map<string, number>();
  for (const pod of pods.filter(isReady)) {
    const tag = imageTagOf(pod, 'controller');
    if (!tag) continue;
    const version = inSpellingOf(tag, spelling ?? tag);
    counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return [...counts]
    .map(([version, replicas]) => ({ version, replicas }))
    .sort((a, b) => compareVersions(a.version, b.version));
}
