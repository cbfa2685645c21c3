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
export const resourceVersions = (system: Pick<System, 'kube'>): Promise<Marks> =>
  marksOf(system, ({ metadata }) => metadata.resourceVersion);

/**
 * Equal marks mean that no machine was rolled, replaced or repaired in between, and that our services wrote nothing. Core may
 * go on telling in its own objects what it sees of the cluster: of those, uid and generation count.
 */
export const marks = (system: Pick<System, 'kube'>): Promise<Marks> =>
  marksOf(system, ({ kind, metadata: { uid, generation, resourceVersion } }) =>
    kind === Cluster.kind || kind === Machine.kind ? `${uid} generation ${generation}` : resourceVersion,
  );

/** A text per object, by kind and name. */
type Marks = Readonly<Record<string, string>>;

async function marksOf({ kube }: Pick<System, 'kube'>, mark: (object: KubeObject) => string): Promise<Marks> {
  const lists = await Promise.all(kinds.map((kind) => kube.list(kind, { namespace: 'default' })));
  return Object.fromEntries(lists.flat().map((object) => [`${object.kind}/${object.metadata.name}`, mark(object)]));
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
