import {
  Cluster,
  K0sControllerConfig,
  K0sControlPlane,
  K0sWorkerConfig,
  Machine,
  Namespace,
  PooledRemoteMachine,
  RemoteCluster,
  RemoteMachine,
  RemoteMachineTemplate,
  Secret,
} from '@k0smotron/api';
import type { Intent, Kind, KubeObject } from '@k0smotron/core';
import { clusterKey, conditionOf, type System } from '@k0smotron/scenarios';
import { eventually } from '@k0smotron/testing';

/** Owners before what they own. */
const kinds = [
  Cluster,
  RemoteCluster,
  RemoteMachineTemplate,
  PooledRemoteMachine,
  K0sControlPlane,
  Machine,
  RemoteMachine,
  K0sControllerConfig,
  K0sWorkerConfig,
  Secret,
] as readonly Kind<KubeObject>[];

const source = 'default';

/**
 * Copies the objects of the cluster in `default` into a namespace of their own for each copy, as `clusterctl move` would:
 * specs, labels, annotations, finalizers and owners, no status, paused until all are there. The services cannot tell a copy
 * from a cluster of its own: each looks at its hosts, its etcd and its API, which are the same machines for all.
 */
export async function moveInto(system: System, namespaces: readonly string[]): Promise<void> {
  const { kube } = system;
  const originals: (readonly [Kind<KubeObject>, KubeObject])[] = [];
  for (const kind of kinds) {
    for (const object of await kube.list(kind, { namespace: source })) originals.push([kind, object]);
  }
  // One after the other: a storm of writes is another bench's business.
  for (const namespace of namespaces) {
    await kube.create(Namespace, { metadata: { name: namespace } });
    const uids = new Map<string, string>();
    for (const [kind, original] of originals) {
      const { metadata } = await kube.create(kind, copyOf(original, namespace, uids));
      uids.set(original.metadata.uid, metadata.uid);
    }
    const body = { spec: { paused: false } };
    await kube.patch(Cluster, { namespace, name: clusterKey.name }, { type: 'merge', body });
  }
}

function copyOf(original: KubeObject, namespace: string, uids: ReadonlyMap<string, string>): Intent<KubeObject> {
  const { metadata, ...rest } = original;
  const { name, labels, annotations, finalizers, ownerReferences = [] } = metadata;
  const owners = ownerReferences.flatMap((owner) => {
    const uid = uids.get(owner.uid);
    return uid === undefined ? [] : [{ ...owner, uid }];
  });
  const fields = { ...rest, status: undefined } as { spec?: object };
  return {
    ...fields,
    ...(original.kind === Cluster.kind ? { spec: { ...fields.spec, paused: true } } : {}),
    metadata: { name, namespace, labels, annotations, finalizers, ownerReferences: owners },
  };
}

/** Waits until each control plane is available with its one controller and every machine is ready. */
export const waitForAll = ({ kube }: System, count: number): Promise<void> =>
  eventually(
    async () => {
      const planes = await kube.list(K0sControlPlane);
      const live = planes.filter(
        (plane) => conditionOf(plane, 'Available')?.status === 'True' && plane.status?.readyReplicas === 1,
      );
      const machines = await kube.list(RemoteMachine);
      const ready = machines.filter((machine) => conditionOf(machine, 'Ready')?.status === 'True');
      const configs = await kube.list(K0sWorkerConfig);
      const made = configs.filter((config) => conditionOf(config, 'Ready')?.status === 'True');
      const seen = [live.length, planes.length, ready.length, machines.length, made.length, configs.length];
      if (seen.join() !== [count, count, 2 * count, 2 * count, count, count].join()) {
        const odd = planes.find((plane) => !live.includes(plane));
        throw new Error(
          `planes ${seen[0]}/${seen[1]}, machines ${seen[2]}/${seen[3]}, worker configs ${seen[4]}/${seen[5]}; ` +
            `${odd?.metadata.namespace}: ${conditionOf(odd, 'Available')?.message}`,
        );
      }
    },
    { timeoutMs: 600_000, everyMs: 1000, what: `${count} settled clusters` },
  );
