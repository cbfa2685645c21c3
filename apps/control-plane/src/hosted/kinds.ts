import { ConfigMap, Secret } from '@k0smotron/api';
import { apiVersionOf, type Kind, type KubeObject } from '@k0smotron/core';

/** The parts of a core/v1 Service that we read. */
export interface Service extends KubeObject {
  readonly spec?: { readonly type?: string; readonly clusterIP?: string };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

/** The parts of an apps/v1 StatefulSet that we read. */
export interface StatefulSet extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly volumeClaimTemplates?: readonly Readonly<Record<string, unknown>>[];
  };
  readonly status?: { readonly replicas?: number; readonly updateRevision?: string };
}

/** The parts of a core/v1 PersistentVolumeClaim that we read. */
export interface PersistentVolumeClaim extends KubeObject {
  readonly spec?: { readonly resources?: { readonly requests?: Readonly<Record<string, string>> } };
  readonly status?: {
    readonly capacity?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** The parts of an apps/v1 DaemonSet that we read. */
export interface DaemonSet extends KubeObject {
  readonly status?: { readonly desiredNumberScheduled?: number; readonly numberReady?: number };
}

/** The state of one container: runs, waits or has ended. */
interface ContainerState {
  readonly running?: object;
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly reason?: string; readonly exitCode?: number };
}

/** The parts of a core/v1 Pod that we read. */
export interface Pod extends KubeObject {
  readonly spec?: { readonly containers?: readonly { readonly name: string; readonly image?: string }[] };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly state?: ContainerState;
      readonly lastState?: ContainerState;
      readonly restartCount?: number;
    }[];
  };
}

const named = <T extends KubeObject>(group: string, version: string, kind: string, plural: string): Kind<T> => ({
  group,
  version,
  kind,
  plural,
  namespaced: true,
});

/** core/v1 Service. */
export const Service = named<Service>('', 'v1', 'Service', 'services');
/** core/v1 Pod. */
export const Pod = named<Pod>('', 'v1', 'Pod', 'pods');
/** apps/v1 StatefulSet. */
export const StatefulSet = named<StatefulSet>('apps', 'v1', 'StatefulSet', 'statefulsets');
/** apps/v1 DaemonSet, of workload clusters. */
export const DaemonSet = named<DaemonSet>('apps', 'v1', 'DaemonSet', 'daemonsets');
/** core/v1 PersistentVolumeClaim. */
export const PersistentVolumeClaim = named<PersistentVolumeClaim>(
  '',
  'v1',
  'PersistentVolumeClaim',
  'persistentvolumeclaims',
);

/** Every kind that a hosted plane is made of, in the order in which they are applied; Secrets are written by themselves. */
export const generatedKinds: readonly Kind[] = [
  Service,
  ConfigMap,
  named('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies'),
  named('networking.k8s.io', 'v1', 'Ingress', 'ingresses'),
  named('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  StatefulSet,
  named('batch', 'v1', 'CronJob', 'cronjobs'),
];

/** Kind of a generated object. @throws Error for one that {@link generatedKinds} does not have: a mistake in our code. */
export function kindOf({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): Kind {
  const found = [...generatedKinds, Secret].find((it) => it.kind === kind && apiVersionOf(it) === apiVersion);
  if (!found) throw new Error(`${apiVersion} ${kind} is no kind of a hosted plane`);
  return found;
}
