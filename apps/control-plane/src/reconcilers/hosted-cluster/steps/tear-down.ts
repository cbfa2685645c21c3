import { ConfigMap } from '@k0smotron/api';
import { done, isDeleting, waitingOn, type Kind, type KubeObject, type Outcome } from '@k0smotron/core';
import { hasEtcd } from '@k0smotron/hosted';
import type { Step } from '@k0smotron/runtime';
import { hostedAsAnnotation } from '../../../hosted/hosting-claim.ts';
import { selectionsElsewhere } from '../../../hosted/hosted-selections.ts';
import { PersistentVolumeClaim, Pod, StatefulSet } from '../../../hosted/kinds.ts';
import { clusterFinalizer, hostedSelector } from '../../../hosted/names.ts';
import { byPlane, planeKeyOf } from '../../../hosted/plane.ts';
import { ownedObjects, type HostedScope } from '../scope.ts';

/** API servers first, then etcd, then claims where that was asked for, then all the rest, the finalizer last. */
export const tearDown: Step<HostedScope> = {
  name: 'tear down',

  async run(scope, signal) {
    const { controlPlane, etcd, pods, etcdPods } = scope;
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

    const rest = [...ownedObjects(scope), ...(await unseenElsewhere(scope, signal))];
    for (const { kind, object } of rest) await remove(scope, kind, object, signal);
    if (rest.length > 0) return deleting(scope, 'Services and configuration to go');
    await leavePlace(scope, signal);
    return release(scope);
  },
};

/** For a plane that has nothing elsewhere, or whose place there is given up by its owner. */
export const leaveBehind: Step<
  Pick<HostedScope, 'run' | 'cluster' | 'clusterKey' | 'workloads' | 'hosted' | 'hosting'>
> = {
  name: 'leave behind',

  async run(scope) {
    const { run, cluster } = scope;
    const id = cluster.metadata.annotations?.[hostedAsAnnotation];
    if (id !== undefined) {
      const message = `What is labelled ${hostedAsAnnotation}=${id} in the hosting cluster was left there`;
      run.event('Warning', 'LeftBehind', message);
    }
    return release(scope);
  },
};

async function release({
  run,
  cluster,
  clusterKey,
  workloads,
  hosted,
  hosting,
}: Pick<HostedScope, 'run' | 'cluster' | 'clusterKey' | 'workloads' | 'hosted' | 'hosting'>): Promise<Outcome> {
  workloads.forget(clusterKey);
  hosted.forget(cluster.metadata.uid);
  hosting.leave(cluster);
  await run.releaseFinalizer(clusterFinalizer);
  return done;
}

/** The owner's own garbage collector sees no other cluster, so what is there is counted by asking, before we forget the way. */
async function unseenElsewhere({ site, plane, names }: HostedScope, signal: AbortSignal) {
  const id = site.mark.labels?.[hostedAsAnnotation];
  if (!site.elsewhere || id === undefined) return [];
  const selection = { namespace: plane.namespace, labelSelector: `${hostedAsAnnotation}=${id}`, metadataOnly: true };
  const lists = selectionsElsewhere.map(async ({ kind }) =>
    (await site.kube.list(kind, selection, signal)).map((object) => ({ kind, object })),
  );
  return (await Promise.all(lists)).flat().filter(({ object }) => object.metadata.name !== names.hostingClaim);
}

/** From now on others may have these names there. */
async function leavePlace({ site, plane, names }: HostedScope, signal: AbortSignal): Promise<void> {
  if (!site.elsewhere) return;
  const key = { namespace: plane.namespace, name: names.hostingClaim };
  const claim = await site.kube.get(ConfigMap, key, signal);
  if (claim && site.owns(claim)) await site.kube.remove(ConfigMap, key, { uid: claim.metadata.uid }, signal);
}

const isOrphan = ({ metadata }: KubeObject): boolean => (metadata.ownerReferences ?? []).length === 0;

async function remove({ site }: HostedScope, kind: Kind, object: KubeObject, signal: AbortSignal): Promise<void> {
  if (isDeleting(object)) return;
  const { namespace, name, uid } = object.metadata;
  await site.kube.remove(kind, { namespace, name }, { uid, propagation: 'Background' }, signal);
}

/** Of etcd or of API servers, each where its own field says so; the others stay for their owner (drop-in). */
function claimsToDelete({ site, cluster, plane, names }: HostedScope): readonly KubeObject[] {
  const { persistence, storage } = plane.spec;
  const etcdGoes = hasEtcd(plane.spec) && storage.etcd?.autoDeletePVCs === true;
  return site.caches
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
