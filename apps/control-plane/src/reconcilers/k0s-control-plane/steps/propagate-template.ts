import { K0sControllerConfig, Machine, RemoteMachine } from '@k0smotron/api';
import { controllerRef, done, isDeleting, withOwner, type Kind, type KubeObject } from '@k0smotron/core';
import { InvalidError } from '@k0smotron/kube';
import type { Step } from '@k0smotron/runtime';
import type { Controller } from '../../../machines/controller.ts';
import { infrastructureKind, MissingKindError } from '../../../machines/infrastructure-kind.ts';
import { sortedJson } from '../../../machines/json.ts';
import { planPropagation } from '../../../machines/plan-propagation.ts';
import { machineSettings, machineTaints, ownLabels, templateMetadata } from '../../../machines/from-template.ts';
import type { Propagated } from '../../../machines/propagated.ts';
import { fieldManager } from '../../../names.ts';
import type { ControlPlaneScope } from '../scope.ts';

/**
 * Brings labels, annotations and the limits of deletion from `spec.machineTemplate` to the Machines that are there, their
 * configs and their infrastructure, in place (CP-24), and takes Machines that lost their owner back (OR-1, OR-2).
 */
export const propagateTemplate: Step<ControlPlaneScope> = {
  name: 'propagate template',

  async run(scope, signal) {
    for (const controller of scope.controllers) {
      const { machine, config, remote } = controller;
      if (isOfAnother(machine, scope.plane)) continue;
      const metadata = templateMetadata(scope.plane);
      const settings = machineSettings(scope.plane);
      // Hooks of others are annotations: what their owners take from a Machine that goes must not come back.
      const ofMachine = isDeleting(machine) ? settings : { ...metadata, ...settings };
      const brought = await bring(scope, Machine, machine, ofMachine, signal);
      if (isDeleting(machine)) continue;
      if (brought === 'as it should be') await bringTaints(scope, machine, signal);
      if (config) await bring(scope, K0sControllerConfig, config, metadata, signal);
      if (remote) await bring(scope, RemoteMachine, remote, metadata, signal);
      if (machine.spec.infrastructureRef.kind !== RemoteMachine.kind)
        await bringForeign(scope, controller, metadata, signal);
    }
    return done;
  },
};

/**
 * Taints in a write of their own, and not when a Machine is made, so that a core that refuses them holds nothing else up. What
 * it refused is not sent again until it is something else, or in a new process.
 */
async function bringTaints(scope: ControlPlaneScope, machine: Machine, signal: AbortSignal): Promise<void> {
  const { plane, memory } = scope;
  const wanted = machineTaints(plane);
  const refused = `${machine.metadata.uid}/taints`;
  if (memory.propagated.get(refused) === sortedJson(wanted)) return;
  if ((await bring(scope, Machine, machine, wanted, signal)) === 'refused')
    memory.propagated.set(refused, sortedJson(wanted));
}

/** Infrastructure of other providers is not watched, so it is read when what is wanted has changed, and in each new process. */
async function bringForeign(
  scope: ControlPlaneScope,
  { machine }: Controller,
  metadata: Propagated,
  signal: AbortSignal,
): Promise<void> {
  const { run, memory } = scope;
  const { uid, namespace } = machine.metadata;
  const wanted = sortedJson(metadata);
  if (memory.propagated.get(uid) === wanted) return;
  const { apiGroup: group, kind: name, name: of } = machine.spec.infrastructureRef;
  const kind = await infrastructureKind(run.kube, { group, kind: name }, signal).catch((cause: unknown) => {
    if (!(cause instanceof MissingKindError)) throw cause;
    return undefined; // the step that needs it says so
  });
  if (!kind) return;
  const live = await run.kube.get(kind, { namespace, name: of }, signal);
  if (live) await bring(scope, kind, live, metadata, signal);
  memory.propagated.set(uid, wanted);
}

async function bring(
  { run, plane, clusterKey }: ControlPlaneScope,
  kind: Kind,
  live: KubeObject,
  wanted: Propagated,
  signal: AbortSignal,
): Promise<'as it should be' | 'written' | 'refused'> {
  const { namespace, name, uid, resourceVersion } = live.metadata;
  const change = planPropagation(live, wanted, ownLabels(plane, clusterKey.name)) as
    { readonly metadata?: object; readonly spec?: object } | undefined;
  const owners =
    kind.kind === Machine.kind ? withOwner(live.metadata.ownerReferences, controllerRef(plane)) : undefined;
  if (!change && !owners) return 'as it should be';
  const owned = owners ? { ownerReferences: owners, resourceVersion } : {};
  const body = { ...change, metadata: { ...change?.metadata, ...owned, uid } };
  try {
    const options = { fieldManager: `${fieldManager}/metadata` };
    const stored = await run.kube.patch(kind, { namespace, name }, { type: 'merge', body }, options, signal);
    if (watched.includes(kind.kind)) run.expectWritten(stored);
    return 'written';
  } catch (cause) {
    // A label that the API refuses must not keep the control plane from being repaired.
    if (!(cause instanceof InvalidError)) throw cause;
    run.event(
      'Warning',
      'PropagationRefused',
      `${kind.kind} ${name} does not take what machineTemplate says: ${cause.message}`,
    );
    return 'refused';
  }
}

const watched: readonly string[] = [Machine.kind, K0sControllerConfig.kind, RemoteMachine.kind];

const isOfAnother = ({ metadata }: Machine, plane: KubeObject): boolean =>
  metadata.ownerReferences?.some(({ controller, uid }) => controller === true && uid !== plane.metadata.uid) ?? false;
