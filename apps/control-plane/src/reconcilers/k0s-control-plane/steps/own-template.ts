import { done, lookAgain, ownerRef, type Kind, type KubeObject } from '@k0smotron/core';
import { ensureOwner } from '@k0smotron/kube';
import type { Step } from '@k0smotron/runtime';
import { infrastructureKind, MissingKindError } from '../../../machines/infrastructure-kind.ts';
import { templateReference } from '../../../machines/template-reference.ts';
import { fieldManager } from '../../../names.ts';
import { clusterOf, type ControlPlaneScope } from '../scope.ts';

/** Templates of other providers cannot all be watched. */
const missingAgainMs = 5000;

/** The Cluster owns the template that controllers are made from, so that it is moved and removed with it (CP-20). */
export const ownTemplate: Step<ControlPlaneScope> = {
  name: 'own template',

  async run(scope, signal) {
    const { run, plane, found } = scope;
    const reference = templateReference(plane);
    const kind: Kind<KubeObject> | MissingKindError = await infrastructureKind(run.kube, reference, signal).catch(
      (cause: unknown) => {
        if (cause instanceof MissingKindError) return cause;
        throw cause;
      },
    );
    const key = { namespace: run.key.namespace, name: reference.name };
    const template = kind instanceof MissingKindError ? undefined : await run.kube.get(kind, key, signal);
    if (kind instanceof MissingKindError || !template) {
      found.hold =
        kind instanceof MissingKindError
          ? kind.message
          : `${reference.kind} ${reference.name} is not there: create it or correct spec.machineTemplate`;
      return lookAgain(missingAgainMs, found.hold);
    }
    await ensureOwner(run.kube, { kind, object: template, owner: ownerRef(clusterOf(scope)), fieldManager }, signal);
    return done;
  },
};
