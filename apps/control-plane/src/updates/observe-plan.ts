import { Plan } from '@k0smotron/api';
import { planName } from '@k0smotron/k0s';
import type { KubeClient } from '@k0smotron/kube';
import { watchEndpoint } from '../hosts/watch-endpoint.ts';
import type { ControlPlaneScope } from '../reconcilers/k0s-control-plane/scope.ts';

/** The one Plan of a cluster, if it has one. */
export interface ObservedPlan {
  readonly plan?: Plan;
  /** Its next change wakes the control plane. */
  readonly watched: boolean;
}

/**
 * Reads the Plan and watches it from then on: each of its changes wakes the control plane, and so does an endpoint that goes.
 *
 * @throws NotFoundError when the cluster does not know the kind: k0s runs without Autopilot.
 */
export async function observePlan(
  { memory, hosts, run }: ControlPlaneScope,
  workload: KubeClient,
  signal: AbortSignal,
): Promise<ObservedPlan> {
  const chosen = { fieldSelector: `metadata.name=${planName}` };
  const { items, resourceVersion } = await workload.listing(Plan, chosen, signal);
  const [plan] = items;
  memory.planWatch?.close();
  delete memory.planWatch;
  if (!plan) return { watched: false };
  const selection = { ...chosen, resourceVersion };
  memory.planWatch = watchEndpoint({ workload, kind: Plan, selection }, () => hosts.wake(run.key));
  return { plan, watched: true };
}
