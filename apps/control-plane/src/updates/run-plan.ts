import { annotations, Machine, Plan } from '@k0smotron/api';
import { lookAgain, TerminalError, waitingOn, type Outcome } from '@k0smotron/core';
import { judgePlan, planName, sameVersion, updatePlanSpec, type NodeUpdate, type PlanVerdict } from '@k0smotron/k0s';
import { NotFoundError, UnreachableError, type KubeClient } from '@k0smotron/kube';
import { fieldManager } from '../names.ts';
import type { ControlPlaneScope } from '../reconcilers/k0s-control-plane/scope.ts';
import { observePlan, type ObservedPlan } from './observe-plan.ts';

/** A Machine whose node is to get the control plane's version where it is. */
export interface MachineUpdate {
  readonly machine: Machine;
  readonly role: NodeUpdate['role'];
  /** Its name in the workload cluster. */
  readonly node: string;
  /** The version that k0s reports there; where it tells none, Autopilot has the last word. */
  readonly reported?: (workload: KubeClient) => Promise<string | undefined>;
}

/**
 * Goes one step with the Plan that updates one node: makes it, waits for it, or clears one that has ended out of the way. When
 * the node runs the version, whoever brought it there, the Machine says it too, and counts as up to date from then on.
 */
export async function runPlan(scope: ControlPlaneScope, update: MachineUpdate, signal: AbortSignal): Promise<Outcome> {
  try {
    const workload = await scope.workloads.client(scope.clusterKey, signal);
    if (!workload) return hold(scope, update, 'the kubeconfig Secret is not there yet');
    const reported = await update.reported?.(workload);
    const seen = await observePlan(scope, workload, signal);
    const wish = wishFor(scope, update);
    const verdict = judgePlan(seen.plan, wish, scope.run.clock.now());
    const arrived = update.reported ? isVersion(reported, wish.version) : verdict.kind === 'completed';
    // While a Plan is under way the node may not have been let work again yet.
    if (arrived && verdict.kind !== 'wait') return await recordVersion(scope, update, signal);
    const other = !isVersion(reported, wish.version) && !isVersion(reported, update.machine.spec.version);
    if (verdict.kind === 'wait' && reported && other)
      return hold(scope, update, `the download gave k0s ${reported} instead: correct it`, seen);
    return await act(scope, { update, workload, wish, seen, verdict }, signal);
  } catch (cause) {
    signal.throwIfAborted();
    return hold(scope, update, explained(cause));
  }
}

const isVersion = (reported: string | undefined, version: string | undefined): boolean =>
  reported !== undefined && version !== undefined && sameVersion(reported, version);

interface Situation {
  readonly update: MachineUpdate;
  readonly workload: KubeClient;
  readonly wish: NodeUpdate;
  readonly seen: ObservedPlan;
  readonly verdict: PlanVerdict;
}

async function act(scope: ControlPlaneScope, situation: Situation, signal: AbortSignal): Promise<Outcome> {
  const { update, workload, wish, seen, verdict } = situation;
  const { run } = scope;
  switch (verdict.kind) {
    case 'make': {
      const plan = { metadata: { name: planName }, spec: updatePlanSpec(wish, run.clock.now()) };
      await workload.create(Plan, plan, { fieldManager }, signal);
      run.event('Normal', 'UpdatingInPlace', `k0s on ${wish.node} goes to ${wish.version}`);
      return hold(scope, update, 'Autopilot was told');
    }
    case 'clear': {
      const { uid, resourceVersion } = seen.plan?.metadata ?? {};
      await workload.remove(Plan, { name: planName }, { uid, resourceVersion }, signal);
      return lookAgain(500, 'the Plan before was removed');
    }
    case 'wait':
      return hold(scope, update, verdict.because, seen);
    case 'failed':
      run.event('Warning', 'UpdateInPlaceFailed', `k0s on ${wish.node}: ${verdict.because}`);
      return hold(scope, update, `${verdict.because}. ${afterFailure}`, seen);
    case 'completed':
      return hold(scope, update, 'Autopilot is through, and k0s does not report that version yet');
  }
}

const afterFailure =
  'To try again change spec.version or downloadURL, or set the annotation ' +
  `${annotations.updateAttempt} to another value`;

/** Failures that end by themselves or by the user's hand; others are thrown. */
function explained(cause: unknown): string {
  if (cause instanceof TerminalError) return cause.message;
  if (cause instanceof UnreachableError) return 'the API of the cluster does not answer';
  if (cause instanceof NotFoundError) return 'the cluster runs no Autopilot: set updateStrategy Recreate';
  throw cause;
}

const wishFor = ({ plane }: ControlPlaneScope, { role, node }: MachineUpdate): NodeUpdate => ({
  role,
  node,
  version: plane.spec.version,
  downloadUrl: plane.spec.k0sConfigSpec.downloadURL,
  attempt: plane.metadata.annotations?.[annotations.updateAttempt],
});

async function recordVersion(
  { run, plane }: ControlPlaneScope,
  { machine, node }: MachineUpdate,
  signal: AbortSignal,
): Promise<Outcome> {
  const { namespace, name, uid } = machine.metadata;
  const body = { metadata: { uid }, spec: { version: plane.spec.version } };
  const stored = await run.kube.patch(Machine, { namespace, name }, { type: 'merge', body }, { fieldManager }, signal);
  run.expectWritten(stored);
  run.event('Normal', 'UpdatedInPlace', `k0s on ${node} is ${plane.spec.version}`);
  return waitingOn(`Machine ${name}`);
}

/** With a watch of the Plan, its changes wake the control plane; the look at it is for what no watch tells. */
function hold(scope: ControlPlaneScope, { node }: MachineUpdate, because: string, seen?: ObservedPlan): Outcome {
  const { found, plane } = scope;
  found.hold = `k0s on ${node} is to become ${plane.spec.version} in place: ${because}`;
  return lookAgain(seen?.watched ? 15_000 : 2000, found.hold);
}
