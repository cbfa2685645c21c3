import { done, ownerRef, type Kind, type KubeObject } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { infrastructureKind } from '../../../machines/infrastructure-kind.ts';
import { templateReference } from '../../../machines/create-controller.ts';
import { fieldManager } from '../../../names.ts';
import { clusterOf, type ControlPlaneScope } from '../scope.ts';

/** The Cluster owns the template that controllers are made from, so that it is moved and removed with it (CP-20). */
export const ownTemplate: Step<ControlPlaneScope> = {
  name: 'own template',

  async run(scope, signal) {
    const { run, plane } = scope;
    const reference = templateReference(plane);
    const kind: Kind<KubeObject> = await infrastructureKind(run.kube, reference, signal);
    const key = { namespace: run.key.namespace, name: reference.name };
    const template = await run.kube.get(kind, key, signal);
    if (!template) throw new Error(`${reference.kind} ${reference.name} is not there: create it or correct spec.machineTemplate`);
    const cluster = clusterOf(scope);
    const owners = template.metadata.ownerReferences ?? [];
    if (owners.some(({ uid }) => uid === cluster.metadata.uid)) return done;
    const { uid, resourceVersion } = template.metadata;
    const ownerReferences = [...owners, ownerRef(cluster)];
    await run.kube.patch(kind, key, { type: 'merge', body: { metadata: { uid, resourceVersion, ownerReferences } } }, { fieldManager }, signal);
    return done;
  },
};

