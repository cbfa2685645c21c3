import { annotations, Cluster, K0smotronCluster, K0smotronControlPlane, Namespace } from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { applyManifests } from '../cluster/apply.ts';
import { waitForCondition } from '../cluster/lab-cluster.ts';
import type { System } from '../system/start-system.ts';

const namespace = 'hosted';
const key = { namespace, name: 'in-pods' };
const kinds: readonly Kind<KubeObject>[] = [Cluster, K0smotronControlPlane, K0smotronCluster];

/**
 * A Cluster whose control plane runs in pods, in a namespace of its own, as far as it comes without nodes. That its API has
 * answered is written down here as the service would do it, so that clusterctl takes it for one that can be moved.
 */
export async function applyHostedPlane(system: Pick<System, 'kube' | 'lab' | 'controlPlane'>): Promise<string> {
  const { kube } = system;
  const controlPlaneRef = { apiGroup: K0smotronControlPlane.group, kind: 'K0smotronControlPlane', name: key.name };
  await kube.create(Namespace, { metadata: { name: namespace } });
  await applyManifests(system, [
    { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: key, spec: { controlPlaneRef } },
    {
      apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2',
      kind: 'K0smotronControlPlane',
      metadata: key,
      spec: { version: 'v1.34.4+k0s.0', service: { type: 'NodePort' } },
    },
  ]);
  const timeoutMs = 60_000;
  await waitForCondition(kube, K0smotronCluster, key, { type: 'ControlPlaneExposed', status: 'False', timeoutMs });
  const body = { metadata: { annotations: { [annotations.clusterId]: 'kube-system:answered' } } };
  await kube.patch(K0smotronCluster, key, { type: 'merge', body });
  await waitForCondition(kube, Cluster, key, { type: 'ControlPlaneInitialized', status: 'True', timeoutMs });
  return namespace;
}

/** uids of what a management cluster has of it, by kind. */
export async function hostedPlaneIn(kube: KubeClient): Promise<Readonly<Record<string, readonly string[]>>> {
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const found = await kube.list(kind, { namespace });
      return [`${kind.kind}.${kind.group}`, found.map(({ metadata }) => metadata.uid)] as const;
    }),
  );
  return Object.fromEntries(lists);
}

/** What clusterctl leaves behind where it could not go on; it takes no second try while it is so. */
export async function isLeftPaused(kube: KubeClient): Promise<boolean> {
  return (await kube.get(Cluster, key))?.spec.paused === true;
}
