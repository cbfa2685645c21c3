import { annotations, conditionTypes, type K0sControlPlane, type Machine } from '@k0smotron/api';
import { runsWorker } from '@k0smotron/k0s';
import type { RemediationRecord } from '@k0smotron/rollout';
import { remediationForAnnotation } from '../names.ts';

/** A health check says that the machine has failed, and leaves it to us to replace it: only both together count (§6.3). */
export const isMarkedFailed = (machine: Machine): boolean =>
  statusOf(machine, conditionTypes.healthCheckSucceeded) === 'False' &&
  statusOf(machine, conditionTypes.ownerRemediated) === 'False';

/** The health check is content again, and what we said about the remediation is left over. */
export const isRecovered = (machine: Machine): boolean =>
  statusOf(machine, conditionTypes.ownerRemediated) !== undefined &&
  statusOf(machine, conditionTypes.healthCheckSucceeded) !== 'False';

/**
 * Controllers without kubelet never have a Node, so each health check says of each of them that it did not start in time. That
 * alone is no failure while the controller does its work (SR-3).
 */
export function missesNodeOnly(
  machine: Machine,
  { spec }: K0sControlPlane,
  { ready }: { readonly ready: boolean },
): boolean {
  const verdict = conditionOf(machine, conditionTypes.healthCheckSucceeded);
  return ready && verdict?.reason === 'NodeStartupTimeout' && !runsWorker(spec.k0sConfigSpec.args ?? []);
}

/** Whether the planner is to replace it. */
export const countsAsFailed = (machine: Machine, plane: K0sControlPlane, state: { readonly ready: boolean }): boolean =>
  isMarkedFailed(machine) && !missesNodeOnly(machine, plane, state);

/** The remediation that has deleted a machine and not made another yet, as the planner takes it. */
export const recordInProgress = ({ metadata }: K0sControlPlane): { readonly remediation?: RemediationRecord } => {
  const remediation = parsed(metadata.annotations?.[annotations.remediationInProgress]);
  return remediation ? { remediation } : {};
};

/** The remediation that a machine was made for, as the planner takes it. */
export const recordOn = ({ metadata }: Machine): { readonly replaces?: RemediationRecord } => {
  const replaces = parsed(metadata.annotations?.[remediationForAnnotation]);
  return replaces ? { replaces } : {};
};

/** A text that is no record, such as the original's `true`, counts as none: then nothing is held against a machine. */
function parsed(text: string | undefined): RemediationRecord | undefined {
  try {
    const { machine, timestamp, retryCount } = JSON.parse(text ?? '{}') as Partial<Record<string, unknown>>;
    if (typeof machine !== 'string' || typeof timestamp !== 'string' || typeof retryCount !== 'number')
      return undefined;
    return { machine, timestamp, retryCount };
  } catch {
    return undefined;
  }
}

const conditionOf = ({ status }: Machine, type: string) => status?.conditions?.find((one) => one.type === type);
const statusOf = (machine: Machine, type: string) => conditionOf(machine, type)?.status;
