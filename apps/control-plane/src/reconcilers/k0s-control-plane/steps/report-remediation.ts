import { conditionTypes, Machine } from '@k0smotron/api';
import { done, isDeleting, type Condition, type Intent } from '@k0smotron/core';
import { InvalidError } from '@k0smotron/kube';
import { planRemediation, type Remediation } from '@k0smotron/rollout';
import { withCondition, type ConditionInput, type Step } from '@k0smotron/runtime';
import type { Controller } from '../../../machines/controller.ts';
import { sortedJson } from '../../../machines/json.ts';
import { observedControlPlane } from '../../../machines/observed.ts';
import { isMarkedFailed, isRecovered, missesNodeOnly } from '../../../machines/remediation.ts';
import { fieldManager } from '../../../names.ts';
import { desiredControlPlane } from '../desired.ts';
import type { ControlPlaneScope } from '../scope.ts';

const type = conditionTypes.ownerRemediated;

/**
 * Answers health checks on the Machines that they gave up: why one stays for now, or for good. Reasons are those of Cluster
 * API's own control plane. What we said is taken back when the health check is content again, which is the owner's to do.
 */
export const reportRemediation: Step<ControlPlaneScope> = {
  name: 'report remediation',

  async run(scope, signal) {
    const marked = scope.controllers.filter(({ machine }) => isMarkedFailed(machine));
    const open = marked.length > 0 ? planRemediation(observedControlPlane(scope), desiredControlPlane(scope)) : [];
    for (const controller of marked) {
      const answer = answerTo(
        scope,
        controller,
        open.find(({ name }) => name === controller.name),
      );
      if (answer) await say(scope, controller.machine, answer, signal);
    }
    for (const { machine } of scope.controllers) if (isRecovered(machine)) await takeBack(scope, machine, signal);
    return done;
  },
};

function answerTo(
  scope: ControlPlaneScope,
  { machine }: Controller,
  verdict: Remediation | undefined,
): ConditionInput | undefined {
  const no = (reason: string, message: string): ConditionInput => ({ type, status: 'False', reason, message });
  if (isDeleting(machine)) return no('MachineDeleting', 'The machine is being deleted');
  if (missesNodeOnly(machine, scope.plane, { ready: true }) && !verdict)
    return no('CannotBeRemediated', withoutKubelet);
  if (!verdict || verdict.kind === 'replace') return undefined; // the move that follows says it
  return no(verdict.kind === 'deferred' ? 'RemediationDeferred' : 'CannotBeRemediated', verdict.because);
}

const withoutKubelet =
  'controllers without --enable-worker have no Node, and this one serves: write nodeStartupTimeoutSeconds: 0 in the MachineHealthCheck';

async function say(
  { run }: ControlPlaneScope,
  machine: Machine,
  answer: ConditionInput,
  signal: AbortSignal,
): Promise<void> {
  const before = machine.status?.conditions?.filter((condition) => condition.type === type) ?? [];
  const after: readonly Condition[] = withCondition(before, answer, run.clock.now());
  if (sortedJson(before) === sortedJson(after)) return;
  const { name, namespace, uid } = machine.metadata;
  const intent = { metadata: { name, namespace, uid }, status: { conditions: after } } as unknown as Intent<Machine>;
  const options = { fieldManager: `${fieldManager}/remediation`, subresource: 'status' } as const;
  run.expectWritten(await run.kube.apply(Machine, intent, options, signal));
}

/** The health check owns a part of the entry too, so that it does not go by being left out. */
async function takeBack({ run }: ControlPlaneScope, machine: Machine, signal: AbortSignal): Promise<void> {
  const at = machine.status?.conditions?.findIndex((condition) => condition.type === type) ?? -1;
  const { name, namespace } = machine.metadata;
  const body = [
    { op: 'test', path: `/status/conditions/${at}/type`, value: type },
    { op: 'remove', path: `/status/conditions/${at}` },
  ];
  const options = { fieldManager: `${fieldManager}/remediation`, subresource: 'status' } as const;
  try {
    run.expectWritten(await run.kube.patch(Machine, { namespace, name }, { type: 'json', body }, options, signal));
  } catch (cause) {
    // The list has changed meanwhile: the next run, which that change asks for, sees it as it is.
    if (!(cause instanceof InvalidError)) throw cause;
  }
}
