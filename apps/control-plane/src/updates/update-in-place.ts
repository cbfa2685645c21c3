import { annotations, conditionTypes, ControlNode, type Machine } from '@k0smotron/api';
import { done, isDeleting, type Outcome } from '@k0smotron/core';
import { compareVersions } from '@k0smotron/k0s';
import type { KubeClient } from '@k0smotron/kube';
import type { Move } from '@k0smotron/rollout';
import type { ControlPlaneScope } from '../reconcilers/k0s-control-plane/scope.ts';
import { runPlan } from './run-plan.ts';

/**
 * Brings k0s on one controller to the wanted version where it is, by a Plan of Autopilot in the workload cluster. What counts
 * as done is the version that k0s itself reports there. The gate was asked before (SR-4).
 */
export async function updateInPlace(
  scope: ControlPlaneScope,
  { name }: Extract<Move, { kind: 'update' }>,
  signal: AbortSignal,
): Promise<Outcome> {
  const machine = scope.controllers.find((controller) => controller.name === name)?.machine;
  if (!machine) return done;
  const reported = async (workload: KubeClient): Promise<string | undefined> =>
    (await workload.get(ControlNode, { name }, signal))?.status?.k0sVersion;
  return await runPlan(scope, { machine, role: 'controller', node: name, reported }, signal);
}

/**
 * Brings one worker that its MachineDeployment opted in to the version of its control plane, which must have arrived there
 * itself before (version skew); undefined when there is none. A Node tells no revision of k0s, so Autopilot has the last word.
 */
export async function updateWorkerInPlace(scope: ControlPlaneScope, signal: AbortSignal): Promise<Outcome | undefined> {
  const [machine] = scope.workers.filter((worker) => isDue(worker, scope)).sort(byName);
  const node = machine?.status?.nodeRef?.name;
  return machine && node !== undefined ? await runPlan(scope, { machine, role: 'worker', node }, signal) : undefined;
}

/** One whose node is not healthy is left alone: Autopilot would wait for it, and others behind it. */
function isDue(worker: Machine, { plane }: ControlPlaneScope): boolean {
  const { metadata, spec, status } = worker;
  const healthy = status?.conditions?.some(
    ({ type, status: is }) => type === conditionTypes.nodeHealthy && is === 'True',
  );
  return (
    metadata.annotations?.[annotations.updateInPlace] !== undefined &&
    !isDeleting(worker) &&
    spec.version !== undefined &&
    compareVersions(spec.version, plane.spec.version) < 0 &&
    healthy === true
  );
}

const byName = (a: Machine, b: Machine): number => a.metadata.name.localeCompare(b.metadata.name, 'en');
