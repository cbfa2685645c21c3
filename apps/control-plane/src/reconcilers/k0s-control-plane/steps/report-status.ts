import { conditionTypes, labels } from '@k0smotron/api';
import { isDeleting } from '@k0smotron/core';
import { compareVersions, inSpellingOf, runsWorker } from '@k0smotron/k0s';
import { changeFor, type ObservedControlPlane } from '@k0smotron/rollout';
import { machinesReady, machinesUpToDate } from '../../../machines/aggregated.ts';
import { hasBooted } from '../../../machines/has-booted.ts';
import { observedControlPlane } from '../../../machines/observed.ts';
import { differencesOf } from '../../../machines/up-to-date.ts';
import { isInitialized, type ControlPlaneScope } from '../scope.ts';
import { reportRemediating, reportRollingOut } from './report-moves.ts';

/** Writes counters, versions and conditions of both contracts from the one picture of this run (CP-02, CP-04). */
export function reportStatus(scope: ControlPlaneScope): void {
  const { run, plane, controllers, found } = scope;
  const { status } = run;
  const active = controllers.filter(({ machine }) => !isDeleting(machine));
  status.selector = `${labels.clusterName}=${scope.clusterKey.name},${labels.controlPlane}`;
  status.externalManagedControlPlane = !runsWorker(plane.spec.k0sConfigSpec.args ?? []);
  const versions = versionsOf(scope);
  status.versions = versions;
  if (versions[0]) status.version = versions[0].version;

  const observed = found.seen ? observedControlPlane(scope) : undefined;
  status.replicas = active.length;
  status.readyReplicas = readyOf(scope, observed, active.length);
  status.availableReplicas = status.readyReplicas;
  const judged = controllers.map((one) => ({
    name: one.name,
    deleting: isDeleting(one.machine),
    differences: differencesOf(one, plane, run.clock.now()),
  }));
  const outdated = judged.filter(
    ({ deleting, differences }) => !deleting && changeFor(differences) !== 'nothing',
  ).length;
  status.upToDateReplicas = active.length - outdated;
  if (isDeleting(plane)) return;
  run.report({ type: conditionTypes.deleting, status: 'False', reason: 'NotDeleting', message: '' });
  reportScaling(scope, active.length);
  reportInitialized(scope);
  run.report(machinesReady(controllers));
  run.report(machinesUpToDate(judged));
  reportRollingOut(scope, { outdated, all: active.length });
  reportRemediating(scope, observed);
  if (!observed) return;
  reportEtcd(scope, observed);
  reportAvailable(scope, observed);
}

/** Always a number (CP-04): hosts that were not looked at in this run are as they were. */
function readyOf({ plane }: ControlPlaneScope, observed: ObservedControlPlane | undefined, active: number): number {
  if (!observed) return Math.min(plane.status?.readyReplicas ?? 0, active);
  return observed.machines.filter(({ ready, deleting }) => ready && !deleting).length;
}

function versionsOf({ controllers, plane }: ControlPlaneScope): { version: string; replicas: number }[] {
  const counts = new Map<string, number>();
  for (const { machine } of controllers.filter(hasBooted)) {
    const version = inSpellingOf(machine.spec.version ?? plane.spec.version, plane.spec.version);
    counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return [...counts]
    .map(([version, replicas]) => ({ version, replicas }))
    .sort((a, b) => compareVersions(a.version, b.version));
}

/** A controller that has not joined yet is still part of the way up, so what keeps it out is said there. */
function reportScaling({ run, plane, found, controllers }: ControlPlaneScope, active: number): void {
  const { replicas } = plane.spec;
  const why = found.hold ? `: ${found.hold}` : '';
  const running = controllers.filter((controller) => hasBooted(controller) && !isDeleting(controller.machine)).length;
  const up = active <= replicas && running < replicas;
  const down = active > replicas;
  run.report({
    type: conditionTypes.scalingUp,
    status: up ? 'True' : 'False',
    reason: up ? 'ScalingUp' : 'NotScalingUp',
    message: up ? `${running} of ${replicas} controllers run${why}` : '',
  });
  run.report({
    type: conditionTypes.scalingDown,
    status: down ? 'True' : 'False',
    reason: down ? 'ScalingDown' : 'NotScalingDown',
    message: down ? `${active} controllers, ${replicas} wanted${why}` : '',
  });
}

function reportInitialized(scope: ControlPlaneScope): void {
  const { run, found } = scope;
  const initialized = isInitialized(scope);
  run.report({
    type: conditionTypes.initialized,
    status: initialized ? 'True' : 'False',
    reason: initialized ? 'Initialized' : 'NotInitialized',
    message: initialized ? '' : (found.hold ?? found.endpoint?.problem ?? 'The first controller is being made'),
  });
}

function reportEtcd(scope: ControlPlaneScope, { etcd }: ObservedControlPlane): void {
  if (etcd === 'unmanaged' || !isInitialized(scope)) return;
  const { run } = scope;
  const type = conditionTypes.etcdClusterHealthy;
  if (etcd.unknown !== undefined) {
    return run.report({
      type,
      status: 'Unknown',
      reason: 'NotObserved',
      message: `Etcd cannot be seen: ${etcd.unknown}`,
    });
  }
  const healthy = etcd.members.filter((member) => member.healthy === true).length;
  const all = etcd.members.length;
  if (healthy === all) return run.report({ type, status: 'True', reason: 'Healthy', message: '' });
  run.report({ type, status: 'False', reason: 'Unhealthy', message: `${healthy} of ${all} members are healthy` });
}

/** One controller that serves behind the endpoint is enough: what the others lack is in the message (§5.5). */
function reportAvailable(scope: ControlPlaneScope, { machines }: ObservedControlPlane): void {
  const { run, found } = scope;
  const endpointProblem = found.endpoint?.problem;
  const staying = machines.filter(({ deleting }) => !deleting);
  const problems = staying.flatMap(({ name, ready, notReadyBecause }) =>
    ready ? [] : [`${name}: ${notReadyBecause}`],
  );
  const available = isInitialized(scope) && endpointProblem === undefined && staying.some(({ ready }) => ready);
  const why = [...(endpointProblem ? [endpointProblem] : []), ...problems.sort()].join('; ');
  run.report({
    type: conditionTypes.available,
    status: available ? 'True' : 'False',
    reason: available ? 'Available' : 'NotAvailable',
    message: available ? '' : why || found.hold || 'No controller is ready',
  });
}
