import { labels } from '@k0smotron/api';
import { isDeleting } from '@k0smotron/core';
import { compareVersions, inSpellingOf, runsWorker } from '@k0smotron/k0s';
import type { ObservedControlPlane } from '@k0smotron/rollout';
import { labelValue } from '../../../machines/label-value.ts';
import { observedControlPlane } from '../../../machines/observed.ts';
import { isInitialized, type ControlPlaneScope } from '../scope.ts';

/** Writes counters, versions and conditions of both contracts from the one picture of this run (CP-02, CP-04). */
export function reportStatus(scope: ControlPlaneScope): void {
  const { run, plane, controllers, found } = scope;
  const { status } = run;
  status.selector = `${labels.clusterName}=${scope.clusterKey.name},${labels.controlPlane}`;
  status.externalManagedControlPlane = !runsWorker(plane.spec.k0sConfigSpec.args ?? []);
  const active = controllers.filter(({ machine }) => !isDeleting(machine));
  status.replicas = active.length;
  status.versions = versionsOf(scope);
  const [oldest] = status.versions as readonly { readonly version: string }[];
  if (oldest) status.version = oldest.version;
  if (!found.seen) return;

  const observed = observedControlPlane(scope);
  const machines = observed.machines.filter(({ deleting }) => !deleting);
  status.readyReplicas = machines.filter(({ ready }) => ready).length;
  status.availableReplicas = status.readyReplicas;
  status.upToDateReplicas = machines.filter(({ upToDate }) => upToDate).length;
  if (plane.metadata.deletionTimestamp) return;
  reportScaling(scope, machines.length);
  reportHealth(scope, observed);
}

function versionsOf({ controllers, plane }: ControlPlaneScope): { version: string; replicas: number }[] {
  const counts = new Map<string, number>();
  for (const { machine, remote } of controllers) {
    if (remote && !remote.spec.providerID) continue; // does not run anything yet
    const version = inSpellingOf(machine.spec.version ?? plane.spec.version, plane.spec.version);
    counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return [...counts]
    .map(([version, replicas]) => ({ version, replicas }))
    .sort((a, b) => compareVersions(a.version, b.version));
}

function reportScaling({ run, plane, found }: ControlPlaneScope, active: number): void {
  const { replicas } = plane.spec;
  const why = found.hold ? `: ${found.hold}` : '';
  const up = active < replicas;
  const down = active > replicas;
  run.report({
    type: 'ScalingUp',
    status: up ? 'True' : 'False',
    reason: up ? 'ScalingUp' : 'NotScalingUp',
    message: up ? `${active} of ${replicas} controllers${why}` : '',
  });
  run.report({
    type: 'ScalingDown',
    status: down ? 'True' : 'False',
    reason: down ? 'ScalingDown' : 'NotScalingDown',
    message: down ? `${active} controllers, ${replicas} wanted${why}` : '',
  });
}

function reportHealth(scope: ControlPlaneScope, { machines, etcd }: ObservedControlPlane): void {
  const { run, found } = scope;
  const initialized = isInitialized(scope);
  run.report({
    type: 'Initialized',
    status: initialized ? 'True' : 'False',
    reason: initialized ? 'Initialized' : 'NotInitialized',
    message: initialized ? '' : (found.hold ?? found.endpointProblem ?? 'The first controller is being made'),
  });
  const sick = machines.filter(({ ready, deleting }) => !ready && !deleting);
  const problems = sick.map(({ name, notReadyBecause }) => `${name}: ${notReadyBecause}`);
  if (etcd !== 'unmanaged' && initialized) {
    const members = etcd.members.filter(({ healthy }) => healthy === true).length;
    const healthy = etcd.unknown === undefined && members === etcd.members.length;
    run.report({
      type: 'EtcdClusterHealthy',
      status: etcd.unknown === undefined ? (healthy ? 'True' : 'False') : 'Unknown',
      reason: etcd.unknown === undefined ? (healthy ? 'Healthy' : 'Unhealthy') : 'NotObserved',
      message: healthy ? '' : (etcd.unknown ?? `${members} of ${etcd.members.length} members are healthy`),
    });
  }
  const serving = machines.some(({ ready }) => ready);
  const available = initialized && serving && found.endpointProblem === undefined;
  run.report({
    type: 'Available',
    status: available ? 'True' : 'False',
    reason: available ? 'Available' : 'NotAvailable',
    message: available ? '' : [found.endpointProblem, ...problems].filter(Boolean).join('; ') || 'No controller is ready',
  });
}
