import { done, isDeleting, waitingOn, type Kind, type KubeObject, type Outcome } from '@k0smotron/core';
import { hasEtcd } from '@k0smotron/hosted';
import type { Step } from '@k0smotron/runtime';
import { PersistentVolumeClaim, Pod, StatefulSet } from '../../../hosted/kinds.ts';
import { clusterFinalizer, hostedSelector } from '../../../hosted/names.ts';
import { byPlane, planeKeyOf } from '../../../hosted/plane.ts';
import { ownedObjects, type HostedScope } from '../scope.ts';

/** API servers first, then etcd, then claims where that was asked for, then all the rest, the finalizer last. */
export const tearDown: Step<HostedScope> = {
  name: 'tear down',

  async run(scope, signal) {
    const { run, controlPlane, etcd, pods, etcdPods, clusterKey, cluster } = scope;
    for (const { set, of, what } of [
      { set: controlPlane, of: pods, what: 'the API servers' },
      { set: etcd, of: etcdPods, what: 'the members of etcd' },
    ]) {
      if (set) await remove(scope, StatefulSet, set, signal);
      // Those whose StatefulSet was just being made anew belong to nobody.
      else for (const pod of of.filter(isOrphan)) await remove(scope, Pod, pod, signal);
      if (set || of.length > 0) return deleting(scope, `${what} to go`);
    }
    const claims = claimsToDelete(scope);
    for (const claim of claims) await remove(scope, PersistentVolumeClaim, claim, signal);
    if (claims.length > 0) return deleting(scope, 'the claims to go');

    const rest = ownedObjects(scope);
    for (const { kind, object } of rest) await remove(scope, kind, object, signal);
    if (rest.length > 0) return deleting(scope, 'Services and configuration to go');
    scope.workloads.forget(clusterKey);
    scope.hosted.forget(cluster.metadata.uid);
    await run.releaseFinalizer(clusterFinalizer);
    return done;
  },
};

const isOrphan = ({ metadata }: KubeObject): boolean => (metadata.ownerReferences ?? []).length === 0;

async function remove(scope: HostedScope, kind: Kind, object: KubeObject, signal: AbortSignal): Promise<void> {
  if (isDeleting(object)) return;
  const { namespace, name, uid } = object.metadata;
  await scope.run.kube.remove(kind, { namespace, name }, { uid, propagation: 'Background' }, signal);
}

/** Of etcd or of API servers, each where its own field says so; the others stay for their owner (drop-in). */
function claimsToDelete({ run, cluster, plane, names }: HostedScope): readonly KubeObject[] {
  const { persistence, storage } = plane.spec;
  const etcdGoes = hasEtcd(plane.spec) && storage.etcd?.autoDeletePVCs === true;
  return run.caches
    .of(PersistentVolumeClaim, hostedSelector)
    .byIndex(byPlane, planeKeyOf(cluster))
    .filter(({ metadata }) =>
      metadata.name.includes(`${names.etcd}-`) ? etcdGoes : persistence.autoDeletePVCs === true,
    );
}

function deleting({ run }: HostedScope, what: string): Outcome {
  run.report({ type: 'Deleting', status: 'True', reason: 'Deleting', message: `Waiting for ${what}` });
  return waitingOn(what);
}
