import {
  Cluster,
  ConfigMap,
  CustomResourceDefinition,
  Machine,
  MachineDeployment,
  MachineSet,
  Namespace,
  Secret,
} from '@k0smotron/api';
import type { Kind, KubeObject, ObjectKey } from '@k0smotron/core';
import { NotFoundError, type KubeClient } from '@k0smotron/kube';
import { eventually } from '@k0smotron/testing';
import { ourKinds } from './install-crds.ts';
import { ValidatingWebhookConfiguration } from './install-webhooks.ts';
import { accessKinds, systemNamespace } from './service-account.ts';

/** Where scenarios put their objects. */
const namespace = 'default';
const coreKinds = [Cluster, MachineDeployment, MachineSet, Machine] as readonly Kind<KubeObject>[];
const plainKinds = [Secret, ConfigMap] as readonly Kind<KubeObject>[];

/** What was there before: uids of the objects that scenarios could be mistaken to have made. */
export type Picture = ReadonlySet<string>;

/** Remembers what a given cluster holds. */
export async function pictureOf(kube: KubeClient): Promise<Picture> {
  const lists = await Promise.all(plainKinds.map((kind) => list(kube, kind)));
  return new Set(lists.flat().map(({ metadata }) => metadata.uid ?? ''));
}

/** Takes everything of ours out of a cluster whose services have ended: webhooks, objects, kinds, rights, policies, namespace. */
export async function takeBack(kube: KubeClient, before: Picture): Promise<void> {
  await removeOurs(kube, ValidatingWebhookConfiguration); // first: nobody answers them any more
  const ours = await ourKinds();
  for (const kind of [...coreKinds, ...ours]) await removeAll(kube, kind, await list(kube, kind));
  for (const kind of plainKinds) {
    const made = (await list(kube, kind)).filter(({ metadata }) => !before.has(metadata.uid ?? ''));
    await removeAll(kube, kind, made);
  }
  for (const kind of accessKinds) await removeOurs(kube, kind);
  for (const { group, plural } of ours) await remove(kube, CustomResourceDefinition, { name: `${plural}.${group}` });
  await remove(kube, Namespace, { name: systemNamespace });
  await eventually(
    async () => {
      if (await kube.get(Namespace, { name: systemNamespace })) throw new Error('still there');
    },
    { timeoutMs: 60_000, what: `the end of namespace ${systemNamespace}` },
  );
}

/** Objects of a kind in the scenarios' namespace; none where the kind is not known. */
const list = (kube: KubeClient, kind: Kind<KubeObject>): Promise<KubeObject[]> =>
  kube.list(kind, kind.namespaced ? { namespace } : {}).catch((error: unknown) => {
    if (error instanceof NotFoundError) return [];
    throw error;
  });

/** What belongs to no namespace is ours by its name. */
async function removeOurs(kube: KubeClient, kind: Kind<KubeObject>): Promise<void> {
  const made = (await kube.list(kind)).filter(({ metadata }) => metadata.name.startsWith('k0smotron-'));
  await removeAll(kube, kind, made);
}

/** Nobody is left who would take finalizers off, so they go first. */
async function removeAll(kube: KubeClient, kind: Kind<KubeObject>, objects: readonly KubeObject[]): Promise<void> {
  for (const { metadata } of objects) {
    const key: ObjectKey = { name: metadata.name, ...(metadata.namespace ? { namespace: metadata.namespace } : {}) };
    await remove(kube, kind, key);
    const body = { metadata: { finalizers: null } };
    if (metadata.finalizers?.length) await ifThere(kube.patch(kind, key, { type: 'merge', body }));
  }
}

const remove = (kube: KubeClient, kind: Kind<KubeObject>, key: ObjectKey): Promise<unknown> =>
  ifThere(kube.remove(kind, key));

const ifThere = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    if (!(error instanceof NotFoundError)) throw error;
  });
