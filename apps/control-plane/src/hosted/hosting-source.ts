import { Secret, type K0smotronCluster, type KubeconfigRef } from '@k0smotron/api';
import { keyOf } from '@k0smotron/core';
import type { KubeClient, KubeconfigSource } from '@k0smotron/kube';

/** On a Secret with a kubeconfig: the namespaces, apart by commas, whose planes may be put into that cluster; `*` for all. */
const hostsPlanesOfAnnotation = 'k0smotron.io/hosts-planes-of';

/** The kubeconfig of another cluster that the pods of a plane run in; undefined for planes that run where their Cluster is. */
export const hostingRefOf = ({ spec }: K0smotronCluster): KubeconfigRef | undefined =>
  spec.remoteHostCluster?.kubeconfigRef;

/** Where its kubeconfig is read. */
export const hostingSourceOf = ({ namespace, name, key }: KubeconfigRef): KubeconfigSource => ({
  secret: { namespace, name },
  key: key || 'value',
  what: `hosting cluster of Secret ${keyOf({ namespace, name })}`,
});

/**
 * Why a plane may not use that kubeconfig; undefined when it may. Who may make Clusters in one namespace need not be allowed to
 * read Secrets of another, and through us would act with the rights of that kubeconfig.
 */
export async function sharingProblem(
  cluster: K0smotronCluster,
  { namespace, name }: KubeconfigRef,
  kube: Pick<KubeClient, 'get'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const own = cluster.metadata.namespace ?? '';
  if (namespace === own) return undefined;
  const secret = await kube.get(Secret, { namespace, name }, signal);
  const shared = secret?.metadata.annotations?.[hostsPlanesOfAnnotation]?.split(',').map((part) => part.trim()) ?? [];
  if (shared.includes('*') || shared.includes(own)) return undefined;
  const what = `Secret ${keyOf({ namespace, name })} is in another namespace and is not shared with this one`;
  return `${what}: annotate it with ${hostsPlanesOfAnnotation}: ${own}`;
}
