import { conditionTypes } from '@k0smotron/api';
import { isDeleting } from '@k0smotron/core';
import { planRemediation, type ObservedControlPlane } from '@k0smotron/rollout';
import { inOneMessage } from '../../../machines/aggregated.ts';
import { isMarkedFailed, recordInProgress } from '../../../machines/remediation.ts';
import { updateProblem } from '../../../machines/update-problem.ts';
import type { ControlPlaneScope } from '../scope.ts';
import { desiredControlPlane } from '../desired.ts';

/** `RollingOut`: how many controllers are to be renewed; which and why stands in `MachinesUpToDate`. */
export function reportRollingOut(
  scope: ControlPlaneScope,
  { outdated, all }: { readonly outdated: number; readonly all: number },
): void {
  const why = outdated > 0 ? (updateProblem(scope) ?? scope.found.hold) : undefined;
  scope.run.report({
    type: conditionTypes.rollingOut,
    status: outdated > 0 ? 'True' : 'False',
    reason: outdated > 0 ? 'RollingOut' : 'NotRollingOut',
    message: outdated > 0 ? `${outdated} of ${all} controllers are outdated${why ? `: ${why}` : ''}` : '',
  });
}

/** `Remediating`: the machines that a health check gave up, and what becomes of each. */
export function reportRemediating(scope: ControlPlaneScope, observed: ObservedControlPlane | undefined): void {
  const { run, plane, controllers } = scope;
  const type = conditionTypes.remediating;
  const going = controllers.filter(({ machine }) => isMarkedFailed(machine) && isDeleting(machine));
  const { remediation } = recordInProgress(plane);
  const gone = remediation && !controllers.some(({ name }) => name === remediation.machine);
  if (!observed && controllers.some(({ machine }) => isMarkedFailed(machine))) return; // it stays as it was
  const open = observed ? planRemediation(observed, desiredControlPlane(scope)) : [];
  const words = [
    ...going.map(({ name }) => `Machine ${name} is being deleted`),
    ...(gone ? [`Machine ${remediation.machine} is gone, and another is made in its place`] : []),
    ...open.map(({ kind, name, because }) =>
      kind === 'replace' ? `Machine ${name} is to be replaced` : `Machine ${name}: ${because}`,
    ),
  ];
  const goes = words.length > 0;
  const reason = goes ? 'Remediating' : 'NotRemediating';
  run.report({ type, status: goes ? 'True' : 'False', reason, message: inOneMessage(words) });
}
