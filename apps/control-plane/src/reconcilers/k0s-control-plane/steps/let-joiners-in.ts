import { annotations, K0sControllerConfig } from '@k0smotron/api';
import { done, isDeleting, messageOf, type Outcome } from '@k0smotron/core';
import { k0sApiPort } from '@k0smotron/k0s';
import { gateAddition } from '@k0smotron/rollout';
import type { Step } from '@k0smotron/runtime';
import { checkJoinPorts } from '../../../hosts/check-join-ports.ts';
import { HostNotReadableError } from '../../../hosts/controller-hosts.ts';
import { fieldManager } from '../../../names.ts';
import { joinFromOf, type Controller } from '../../../machines/controller.ts';
import { isInitialized, type ControlPlaneScope } from '../scope.ts';

/**
 * Names the controller that a new one joins at, after both hosts were seen to reach each other and etcd to be well (SR-5). Never blocks the
 * steps after it: a joiner that cannot join must still be removable.
 */
export const letJoinersIn: Step<ControlPlaneScope> = {
  name: 'let joiners in',

  async run(scope, signal) {
    const { run, found } = scope;
    const joiner = scope.controllers.find(isUninvited);
    if (!joiner?.config || !isInitialized(scope)) return done;
    const sponsor = scope.controllers.find((other) => other !== joiner && mayInvite(scope, other));
    if (!sponsor) return hold(scope, `${joiner.name} cannot join: no other controller answers yet`);
    const verdict = found.managesEtcd && found.seen ? gateAddition(found.seen.etcd) : { allowed: true as const };
    if (!verdict.allowed) return hold(scope, `${joiner.name} cannot join: ${verdict.because}`);
    const problem = await preFlight(scope, joiner, sponsor, signal);
    if (problem) return hold(scope, `${joiner.name} cannot join yet: ${problem}`);
    const host = addressOf(sponsor);
    if (!host) return hold(scope, `${joiner.name} cannot join: ${sponsor.name} has no address`);

    const { uid, name, namespace } = joiner.config.metadata;
    const body = { metadata: { uid, annotations: { [annotations.joinFrom]: host } } };
    const patch = { type: 'merge', body } as const;
    const stored = await run.kube.patch(K0sControllerConfig, { namespace, name }, patch, { fieldManager }, signal);
    run.expectWritten(stored);
    return done;
  },
};

const isUninvited = (controller: Controller): boolean =>
  controller.config !== undefined && joinFromOf(controller) === undefined && !isDeleting(controller.machine);

const mayInvite = ({ found }: ControlPlaneScope, { name, machine, remote }: Controller): boolean =>
  !isDeleting(machine) && (remote === undefined || found.seen?.byName.get(name)?.apiReady === true);

/** What keeps the two hosts from talking to each other, in words that stay the same while it lasts. */
async function preFlight(
  { run, hosts, memory }: ControlPlaneScope,
  joiner: Controller,
  sponsor: Controller,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!joiner.remote || !sponsor.remote) return undefined; // not reached over SSH: nothing can be asked (SR-6)
  const [from, to] = [sponsor.remote, joiner.remote];
  memory.hosts.add(to.metadata.uid);
  try {
    const [there, here] = await Promise.all([hosts.session(run, from, signal), hosts.session(run, to, signal)]);
    const port = k0sApiPort(joiner.config?.spec.k0s);
    return await checkJoinPorts(
      { name: sponsor.name, address: from.spec.address ?? '', session: there },
      { name: joiner.name, address: to.spec.address ?? '', session: here },
      port,
    );
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof HostNotReadableError) return cause.message;
    run.log.debug('The pre-flight of a join failed', { Machine: joiner.name, reason: messageOf(cause) });
    await hosts.forget(to.metadata.uid);
    return 'the two hosts cannot be asked over SSH';
  }
}

const addressOf = ({ remote, machine }: Controller): string | undefined =>
  remote?.spec.address ??
  machine.status?.addresses?.find(({ type }) => type === 'InternalIP' || type === 'ExternalIP')?.address;

function hold({ found }: ControlPlaneScope, because: string): Outcome {
  found.hold = because;
  return done;
}
