import { isDeleting, messageOf } from '@k0smotron/core';
import { bytesOf, planVolumes, type HostedObject } from '@k0smotron/hosted';
import { ForbiddenError, InvalidError } from '@k0smotron/kube';
import { fieldManager } from '../names.ts';
import type { HostedScope } from '../reconcilers/hosted-cluster/scope.ts';
import { PersistentVolumeClaim, StatefulSet } from './kinds.ts';
import { hostedSelector } from './names.ts';

/**
 * Brings the volumes of a StatefulSet that exists to the size that is wanted: first its claims, then the StatefulSet itself,
 * which is deleted without its pods, since its claim templates cannot be changed. Gives what may be applied now; undefined
 * while the StatefulSet goes.
 */
export async function fitVolumes(
  scope: HostedScope,
  stored: StatefulSet,
  object: HostedObject,
  signal: AbortSignal,
): Promise<HostedObject | undefined> {
  if (isDeleting(stored)) return undefined;
  const spec = object['spec'] as NonNullable<StatefulSet['spec']>;
  const templates = { stored: stored.spec?.volumeClaimTemplates ?? [], wanted: spec.volumeClaimTemplates ?? [] };
  const claims = claimsOf(scope, stored.metadata.name);
  const seen = claims.map(({ metadata: { name }, spec: asked }) => ({
    name,
    requested: String(asked?.resources?.requests?.['storage'] ?? 0),
  }));
  const asBefore = { ...object, spec: { ...spec, volumeClaimTemplates: templates.stored } };
  const move = planVolumes(stored.metadata.name, templates, seen);
  switch (move.kind) {
    case 'fit':
      tellResizing(scope, claims);
      return object;
    case 'keep':
      tell(scope, refused[move.differs], `${move.because}: set the old value again`);
      return asBefore;
    case 'grow':
      await grow(scope, move.claims, signal);
      return asBefore;
    case 'renew':
      return (await renew(scope, stored, signal)) ? undefined : asBefore;
  }
}

/** Reasons for what volumes cannot become. */
const refused = { size: 'Shrinking', class: 'OtherClass' } as const;

function claimsOf({ site, clusterKey }: HostedScope, set: string): readonly PersistentVolumeClaim[] {
  const all = site.caches.of(PersistentVolumeClaim, hostedSelector).list(clusterKey.namespace);
  return all.filter(({ metadata }) => metadata.name.includes(`-${set}-`));
}

const tell = ({ found }: HostedScope, reason: string, message: string): void => {
  found.volumes ??= { reason, message };
};

/** The storage does its part by itself, some of it only when the pod is started again. */
function tellResizing(scope: HostedScope, claims: readonly PersistentVolumeClaim[]): void {
  const small = claims.find(({ spec, status }) => {
    const capacity = status?.capacity?.['storage'];
    return capacity !== undefined && bytesOf(capacity) < bytesOf(spec?.resources?.requests?.['storage'] ?? '0');
  });
  if (!small) return;
  const waits = small.status?.conditions?.find(({ status }) => status === 'True')?.type ?? 'not begun yet';
  tell(scope, 'Resizing', `claim ${small.metadata.name} is being made larger: ${waits}`);
}

/** Whether a class allows it, its API server knows: nothing is asked beforehand. */
async function grow(
  scope: HostedScope,
  claims: readonly { readonly name: string; readonly size: string }[],
  signal: AbortSignal,
): Promise<void> {
  const { run, site, clusterKey } = scope;
  for (const { name, size } of claims) {
    const body = { spec: { resources: { requests: { storage: size } } } };
    const patch = { type: 'merge', body } as const;
    const key = { namespace: clusterKey.namespace, name };
    try {
      site.expectWritten(await site.kube.patch(PersistentVolumeClaim, key, patch, { fieldManager }, signal));
    } catch (cause) {
      if (!(cause instanceof ForbiddenError || cause instanceof InvalidError)) throw cause;
      return tell(scope, 'NotExpandable', `claim ${name} cannot become larger: ${messageOf(cause)}`);
    }
    run.event('Normal', 'ResizingClaim', `Claim ${name} asks for ${size} now`);
  }
  tell(scope, 'Resizing', `claims are being made larger: ${claims.map(({ name }) => name).join(', ')}`);
}

/** Pods that nobody manages for a moment are no risk while all is well: nobody deletes them, and they are adopted again. */
async function renew(scope: HostedScope, { metadata }: StatefulSet, signal: AbortSignal): Promise<boolean> {
  const { run, site, found, names } = scope;
  const { namespace, name, uid } = metadata;
  const { members = [] } = found.etcd?.view ?? {};
  if (name === names.etcd && (members.length === 0 || members.some(({ healthy }) => healthy !== true))) {
    tell(scope, 'Resizing', `StatefulSet ${name} gets its new templates once all members of etcd are healthy`);
    return false;
  }
  run.event('Normal', 'RenewingStatefulSet', `StatefulSet ${name} is made anew for larger volumes; its pods stay`);
  await site.kube.remove(StatefulSet, { namespace, name }, { uid, propagation: 'Orphan' }, signal);
  tell(scope, 'Resizing', `StatefulSet ${name} is made anew; its pods stay`);
  return true;
}
