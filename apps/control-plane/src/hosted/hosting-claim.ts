import { ConfigMap, Namespace, type K0smotronCluster } from '@k0smotron/api';
import { keyOf, messageOf, type KubeObject } from '@k0smotron/core';
import { hostingClaimObject, namesOf } from '@k0smotron/hosted';
import { AlreadyExistsError, ForbiddenError, type KubeClient } from '@k0smotron/kube';
import type { Caches, Run } from '@k0smotron/runtime';
import { fieldManager } from '../names.ts';
import { hostedSelector } from './names.ts';
import { planeOf } from './plane.ts';

/**
 * On a hosted Cluster that runs elsewhere: who it is there, its uid of the time when it came there. What is made there carries
 * it as a label, since owners in another cluster cannot be referred to. It survives `clusterctl move`, which changes uids (SR-1).
 */
export const hostedAsAnnotation = 'k0smotron.io/hosted-as';

/** On the same: uid of the namespace there, so that another cluster behind the same kubeconfig is not taken for this one. */
const hostingNamespaceAnnotation = 'k0smotron.io/hosting-namespace';

/** Why a plane's place in another cluster cannot be used, for a condition. */
export interface HostingProblem {
  readonly reason: string;
  readonly message: string;
}

/** The plane that an object in a hosting cluster is a part of. */
export const hostedAsOf = ({ metadata }: KubeObject): string | undefined => metadata.labels?.[hostedAsAnnotation];

/** Where a plane's place is to be. */
interface Elsewhere {
  readonly kube: KubeClient;
  readonly caches: Caches;
  /** What the cluster is called in messages. */
  readonly what: string;
}

/**
 * Makes sure of a plane's place in another cluster: the namespace, and a ConfigMap that says whose the names there are, since
 * Clusters of several management clusters may meet in one namespace. It is made before, and goes after, everything else.
 */
export async function claimPlace(
  run: Run<K0smotronCluster>,
  elsewhere: Elsewhere,
  signal: AbortSignal,
): Promise<HostingProblem | undefined> {
  const { kube, caches, what } = elsewhere;
  const namespace = await namespaceFor(run.object, elsewhere, signal);
  if ('reason' in namespace) return namespace;
  const plane = planeOf(run.object);
  const { annotations = {}, uid } = run.object.metadata;
  const id = annotations[hostedAsAnnotation] ?? uid;
  const key = { namespace: plane.namespace, name: namesOf(plane).hostingClaim };
  const stored = caches.of(ConfigMap, hostedSelector).get(key) ?? (await kube.get(ConfigMap, key, signal));
  if (stored && hostedAsOf(stored) !== id) return taken(what, stored);
  // Before the first object there: what is deleted later must know that it has left something.
  if (annotations[hostingNamespaceAnnotation] === undefined || annotations[hostedAsAnnotation] === undefined) {
    await run.annotate({ [hostedAsAnnotation]: id, [hostingNamespaceAnnotation]: namespace.metadata.uid });
  }
  const claim = stored ?? (await makeClaim(run.object, { kube, id }, signal));
  return hostedAsOf(claim) === id ? undefined : taken(what, claim);
}

const taken = (what: string, { metadata }: KubeObject): HostingProblem => ({
  reason: 'NameTaken',
  message: `${what}: ConfigMap ${keyOf(metadata)} says that another Cluster has a plane of this name there: rename this one`,
});

async function namespaceFor(
  { metadata }: K0smotronCluster,
  { kube, what }: Elsewhere,
  signal: AbortSignal,
): Promise<Namespace | HostingProblem> {
  const name = metadata.namespace ?? '';
  const recorded = metadata.annotations?.[hostingNamespaceAnnotation];
  const namespace = await kube.get(Namespace, { name }, signal);
  if (recorded !== undefined && namespace?.metadata.uid !== recorded) {
    const found = namespace ? `its namespace ${name} is not the one` : `it has no namespace ${name}, unlike the one`;
    const hint = `give back the kubeconfig, or take the annotation ${hostingNamespaceAnnotation} off to begin there anew`;
    return { reason: 'OtherCluster', message: `${what}: ${found} that this plane is in: ${hint}` };
  }
  if (namespace) return namespace;
  try {
    return await kube.create(Namespace, { metadata: { name } }, { fieldManager }, signal);
  } catch (cause) {
    if (!(cause instanceof ForbiddenError)) throw cause;
    return { reason: 'NoNamespace', message: `${what}: make the namespace ${name} there: ${messageOf(cause)}` };
  }
}

async function makeClaim(
  cluster: K0smotronCluster,
  { kube, id }: { readonly kube: KubeClient; readonly id: string },
  signal: AbortSignal,
): Promise<KubeObject> {
  const { metadata, ...rest } = hostingClaimObject(planeOf(cluster));
  const labels = { ...metadata.labels, [hostedAsAnnotation]: id };
  try {
    return await kube.create(ConfigMap, { ...rest, metadata: { ...metadata, labels } }, { fieldManager }, signal);
  } catch (cause) {
    const other = cause instanceof AlreadyExistsError ? await kube.get(ConfigMap, metadata, signal) : undefined;
    if (other) return other;
    throw cause;
  }
}
