import {
  Cluster,
  K0sControllerConfig,
  K0sControlPlane,
  K0sWorkerConfig,
  Machine,
  RemoteCluster,
  RemoteMachine,
} from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { ServiceName } from '../system/services.ts';
import type { System } from '../system/start-system.ts';

const kinds: readonly Kind<KubeObject>[] = [
  Cluster,
  K0sControlPlane,
  K0sControllerConfig,
  K0sWorkerConfig,
  Machine,
  RemoteCluster,
  RemoteMachine,
];

/** The resourceVersion of every object that our services write: equal texts mean that nobody wrote in between. */
export async function resourceVersions({ kube }: Pick<System, 'kube'>): Promise<Readonly<Record<string, string>>> {
  const lists = await Promise.all(kinds.map((kind) => kube.list(kind, { namespace: 'default' })));
  return Object.fromEntries(
    lists.flat().map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
  );
}

/**
 * Equal marks mean that no machine was rolled, replaced or repaired in between, and that our services wrote nothing. Core may
 * go on telling in its own objects what it sees of the cluster: of those, uid and generation count.
 */
export async function marks({ kube }: Pick<System, 'kube'>): Promise<Readonly<Record<string, string>>> {
  const lists = await Promise.all(kinds.map((kind) => kube.list(kind, { namespace: 'default' })));
  const ofCore = (kind: string): boolean => kind === Cluster.kind || kind === Machine.kind;
  return Object.fromEntries(
    lists.flat().map(({ kind, metadata: { name, uid, generation, resourceVersion } }) => {
      return [`${kind}/${name}`, ofCore(kind) ? `${uid} generation ${generation}` : resourceVersion];
    }),
  );
}

/** How many reconciles of a controller have ended, from the metrics of its service. */
export async function reconciles(system: System, service: ServiceName, controller: string): Promise<number> {
  const place = system.services.find(({ name }) => name === service);
  const text = await (await fetch(`http://127.0.0.1:${place?.diagnosticsPort}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('k0smotron_reconcile_total{') && line.includes(`controller="${controller}"`))
    .reduce(
      (sum, line) =>
        sum +
        Number(
          line
            .slice(line.lastIndexOf('}') + 1)
            .trim()
            .split(' ')[0],
        ),
      0,
    );
}
