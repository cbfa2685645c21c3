import {
  Cluster,
  K0sControllerConfig,
  K0sControlPlane,
  K0sWorkerConfig,
  K0sWorkerConfigTemplate,
  Machine,
  MachineDeployment,
  MachineSet,
  RemoteCluster,
  RemoteMachine,
  RemoteMachineTemplate,
  Secret,
} from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';

/** The kinds that the objects of one machine-based cluster have. */
export const clusterKinds: readonly Kind<KubeObject>[] = [
  Cluster,
  MachineDeployment,
  MachineSet,
  Machine,
  RemoteCluster,
  RemoteMachine,
  RemoteMachineTemplate,
  K0sControlPlane,
  K0sControllerConfig,
  K0sWorkerConfig,
  K0sWorkerConfigTemplate,
  Secret,
];

/** An object with its kind. */
export interface ClusterObject {
  readonly kind: Kind<KubeObject>;
  readonly object: KubeObject;
}

/** `Kind/name`. */
export const nameOf = ({ kind, object }: ClusterObject): string => `${kind.kind}/${object.metadata.name}`;

/** All objects of the clusters in a namespace; of Secrets those that Cluster API's are. */
export async function clusterObjects(kube: KubeClient, namespace: string): Promise<readonly ClusterObject[]> {
  const lists = await Promise.all(
    clusterKinds.map(async (kind) => (await kube.list(kind, { namespace })).map((object) => ({ kind, object }))),
  );
  return lists
    .flat()
    .filter(({ kind, object }) => kind !== Secret || (object as Secret).type === 'cluster.x-k8s.io/secret');
}

/** A text per object, by `Kind/name`. */
export const textOfEach = (
  objects: readonly ClusterObject[],
  text: (object: ClusterObject) => unknown,
): Readonly<Record<string, unknown>> => Object.fromEntries(objects.map((one) => [nameOf(one), text(one)]));
