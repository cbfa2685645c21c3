import type { K0sControlPlane } from '@k0smotron/api';
import type { DesiredControlPlane, RemediationPolicy } from '@k0smotron/rollout';
import { updateProblem } from '../../machines/update-problem.ts';
import { nextMachineAnnotation } from '../../names.ts';
import type { ControlPlaneScope } from './scope.ts';

/** The control plane as the spec wants it, for the planner. */
export function desiredControlPlane(scope: ControlPlaneScope): DesiredControlPlane {
  const { plane, cluster } = scope;
  const domains = cluster?.status?.failureDomains?.filter(({ controlPlane }) => controlPlane);
  const versionProblem = updateProblem(scope);
  return {
    controlPlane: plane.metadata.name,
    uid: plane.metadata.uid,
    replicas: plane.spec.replicas,
    strategy: plane.spec.updateStrategy,
    counter: counterOf(plane),
    remediation: policyOf(plane),
    ...(domains ? { failureDomains: domains.map(({ name }) => name) } : {}),
    ...(versionProblem ? { versionProblem } : {}),
  };
}

/** Number of the next machine. */
export const counterOf = ({ metadata }: K0sControlPlane): number =>
  Number(metadata.annotations?.[nextMachineAnnotation] ?? 0);

function policyOf({ spec }: K0sControlPlane): RemediationPolicy {
  const { maxRetry, retryPeriodSeconds, minHealthyPeriodSeconds } = spec.remediation ?? {};
  return {
    ...(maxRetry === undefined ? {} : { maxRetry }),
    ...(retryPeriodSeconds === undefined ? {} : { retryPeriodMs: retryPeriodSeconds * 1000 }),
    ...(minHealthyPeriodSeconds === undefined ? {} : { minHealthyPeriodMs: minHealthyPeriodSeconds * 1000 }),
  };
}
