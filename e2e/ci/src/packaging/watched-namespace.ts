import type { ClusterRole } from '@k0smotron/crd';
import { accessObjects } from './access.ts';
import { namespaceOf, objectName, providers, type Provider } from './provider.ts';

/** What no Role can grant; of these a service may only ask who somebody is, and what a kind is called. */
const clusterScoped = new Set(['tokenreviews', 'subjectaccessreviews', 'customresourcedefinitions']);

/** Stands where the component's `replacements` put the namespace that is watched. */
const watched = 'watched';

/** Cluster roles without anything that has a namespace, to be laid over the usual ones (ADR 0016). */
export const narrowClusterRoles = (): readonly object[] =>
  providers.map((provider) => {
    const { apiVersion, kind, metadata, rules } = clusterRoleOf(provider);
    return { apiVersion, kind, metadata, rules: rules.filter(isClusterScoped) };
  });

/** What was taken from the cluster roles, for one namespace, with its bindings. */
export const watchedRoles = (): readonly object[] =>
  providers.flatMap((provider) => {
    const rules = clusterRoleOf(provider).rules.filter((rule) => !isClusterScoped(rule));
    if (rules.length === 0) return [];
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const metadata = { name: `${objectName(provider)}-objects`, namespace: watched };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name };
    const subjects = [{ kind: 'ServiceAccount', name: objectName(provider), namespace: namespaceOf(provider) }];
    return [
      { apiVersion, kind: 'Role', metadata, rules },
      { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects },
    ];
  });

const isClusterScoped = ({ resources }: ClusterRole['rules'][number]): boolean =>
  resources.every((resource) => clusterScoped.has(resource));

function clusterRoleOf(provider: Provider): ClusterRole {
  const isRole = (object: object): object is ClusterRole => (object as ClusterRole).kind === 'ClusterRole';
  const found = accessObjects(provider).find(isRole);
  if (!found) throw new Error(`${provider.service} has no cluster role`);
  return found;
}
