import { conditionTypes, Machine } from '@k0smotron/api';
import { done, type Condition, type Intent } from '@k0smotron/core';
import { changeFor, memberOf, type ObservedControlPlane } from '@k0smotron/rollout';
import { withCondition, type ConditionInput, type Step } from '@k0smotron/runtime';
import { sortedJson } from '../../../machines/json.ts';
import { identityOf, isReleased, observedControlPlane } from '../../../machines/observed.ts';
import { describeDifferences, differencesOf } from '../../../machines/up-to-date.ts';
import { fieldManager } from '../../../names.ts';
import type { Controller } from '../../../machines/controller.ts';
import type { ControlPlaneScope } from '../scope.ts';

/** The condition types of Machines that this service owns (CP-23, §5.5). */
const ownTypes: readonly string[] = [
  conditionTypes.upToDate,
  conditionTypes.etcdMemberHealthy,
  conditionTypes.apiServerHealthy,
];

/** Tells each Machine what only its control plane knows; written only where it changes. */
export const reportMachines: Step<ControlPlaneScope> = {
  name: 'report machines',

  async run(scope, signal) {
    const { run } = scope;
    const { etcd } = observedControlPlane(scope);
    for (const controller of scope.controllers) {
      if (isReleased(controller.machine)) continue; // about to be gone
      const before = controller.machine.status?.conditions?.filter(({ type }) => ownTypes.includes(type)) ?? [];
      const after = conditionsOf(scope, controller, etcd).reduce<readonly Condition[]>(
        (all, next) => withCondition(all, next, run.clock.now()),
        before,
      );
      if (sortedJson(sorted(before)) === sortedJson(sorted(after))) continue;
      const { name, namespace, uid } = controller.machine.metadata;
      const stored = await run.kube.apply(
        Machine,
        { metadata: { name, namespace, uid }, status: { conditions: after } } as unknown as Intent<Machine>,
        { fieldManager: `${fieldManager}/machine-status`, subresource: 'status' },
        signal,
      );
      run.expectWritten(stored);
    }
    return done;
  },
};

const sorted = (conditions: readonly Condition[]): readonly Condition[] =>
  [...conditions].sort((a, b) => a.type.localeCompare(b.type, 'en'));

function conditionsOf(
  scope: ControlPlaneScope,
  controller: Controller,
  etcd: ObservedControlPlane['etcd'],
): readonly ConditionInput[] {
  const seen = scope.found.seen?.byName.get(controller.name);
  const differences = differencesOf(controller, scope.plane, scope.run.clock.now());
  const upToDate = changeFor(differences) === 'nothing';
  const reason = upToDate ? 'UpToDate' : 'NotUpToDate';
  const first = verdict(conditionTypes.upToDate, upToDate, reason, describeDifferences(differences));
  if (!seen) return [first];
  const api = verdict(
    conditionTypes.apiServerHealthy,
    seen.apiReady,
    seen.apiReady ? 'Ready' : 'NotReady',
    seen.problem,
  );
  return [first, api, ...memberCondition(controller, etcd)];
}

/** Nothing new where etcd could not be seen: what was known stays (C-04). */
function memberCondition(controller: Controller, etcd: ObservedControlPlane['etcd']): readonly ConditionInput[] {
  if (etcd === 'unmanaged' || etcd.unknown !== undefined) return [];
  const member = memberOf(etcd, identityOf(controller));
  const healthy = member?.healthy === true && member.learner !== true;
  const problem = member?.problem ?? 'It is no started voter';
  return [verdict(conditionTypes.etcdMemberHealthy, healthy, healthy ? 'Healthy' : 'Unhealthy', problem)];
}

const verdict = (type: string, good: boolean, reason: string, problem = ''): ConditionInput => ({
  type,
  status: good ? 'True' : 'False',
  reason,
  message: good ? '' : problem,
});
