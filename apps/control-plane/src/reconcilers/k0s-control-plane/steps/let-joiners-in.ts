import { annotations, K0sControllerConfig } from '@k0smotron/api';
import { done, during, isDeleting, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { checkJoinPorts } from '../../../hosts/check-join-ports.ts';
import { fieldManager } from '../../../names.ts';
import { isInitialized, joinFromOf, type Controller, type ControlPlaneScope } from '../scope.ts';

/**
 * Names the controller that a new one joins at, after both hosts were seen to reach each other (SR-5). Never blocks the
 * steps after it: a joiner that cannot join must still be removable.
 */
export const letJoinersIn: Step<ControlPlaneScope> = {
  name: 'let joiners in',

  async run(scope, signal) {
    const joiner = scope.controllers.find(
      (controller) => controller.config && joinFromOf(controller) === undefined && !isDeleting(controller.machine),
    );
    if (!joiner?.config || !isInitialized(scope)) return done;
    const sponsor = scope.controllers.find(
      (other) => other !== joiner && !isDeleting(other.machine) && scope.found.seen?.byName.get(other.name)?.apiReady,
    );
    if (!sponsor) return hold(scope, `${joiner.name} cannot join: no controller answers`);
    if (!(await preFlight(scope, joiner, sponsor, signal))) return done; // the planner waits and looks again

    const host = addressOf(sponsor);
    if (!host) return hold(scope, `${joiner.name} cannot join: ${sponsor.name} has no address`);
    await scope.run.kube.patch(
      K0sControllerConfig,
      { namespace: joiner.config.metadata.namespace, name: joiner.config.metadata.name },
      {
        type: 'merge',
        body: { metadata: { uid: joiner.config.metadata.uid, annotations: { [annotations.joinFrom]: host } } },
      },
      { fieldManager },
      signal,
    );
    return done;
  },
};

async function preFlight(
  { run, hosts, found }: ControlPlaneScope,
  joiner: Controller,
  sponsor: Controller,
  signal: AbortSignal,
): Promise<boolean> {
  if (!joiner.remote || !sponsor.remote) return true; // not reached over SSH: nothing can be asked (SR-6)
  try {
    const [from, to] = await Promise.all([
      hosts.session(run.kube, sponsor.remote, signal),
      hosts.session(run.kube, joiner.remote, signal),
    ]);
    await checkJoinPorts({ name: sponsor.name, address: sponsor.remote.spec.address ?? '', session: from }, { name: joiner.name, address: joiner.remote.spec.address ?? '', session: to });
    return true;
  } catch (cause) {
    found.hold = during(`${joiner.name} cannot join yet`, cause).message;
    return false;
  }
}

const addressOf = ({ remote, machine }: Controller): string | undefined =>
  remote?.spec.address ?? machine.status?.addresses?.find(({ type }) => type === 'InternalIP' || type === 'ExternalIP')?.address;

function hold({ found }: ControlPlaneScope, because: string): Outcome {
  found.hold = because;
  return done;
}
