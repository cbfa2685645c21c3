/** What a controller may do, as `libs/runtime` declares it. */
export interface PermissionLike {
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly names?: readonly string[];
}

/** One rule of a role, as Kubernetes writes it. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** A ClusterRole as plain JSON. */
export interface ClusterRole {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1';
  readonly kind: 'ClusterRole';
  readonly metadata: { readonly name: string };
  readonly rules: readonly PolicyRule[];
}

const verbOrder = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

const rank = (verb: string): number => {
  const at = verbOrder.indexOf(verb);
  return at < 0 ? verbOrder.length : at;
};

const byVerbOrder = (a: string, b: string): number => rank(a) - rank(b) || a.localeCompare(b);

/** Verbs per group, resource and names. */
function verbsByTarget(permissions: readonly PermissionLike[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { groups, resources, verbs, names = [] } of permissions) {
    for (const group of groups) {
      for (const resource of resources) {
        const key = JSON.stringify([group, resource, names.toSorted()]);
        found.set(key, new Set([...(found.get(key) ?? []), ...verbs]));
      }
    }
  }
  return found;
}

/**
 * The least ClusterRole that covers these permissions: equal resources merged, everything sorted, so that the file does
 * not depend on the order in which controllers are declared.
 */
export function toClusterRole(name: string, permissions: readonly PermissionLike[]): ClusterRole {
  const rules = new Map<string, PolicyRule>();
  for (const [key, verbs] of [...verbsByTarget(permissions)].toSorted(([a], [b]) => a.localeCompare(b))) {
    const [group, resource, names] = JSON.parse(key) as [string, string, string[]];
    const sorted = [...verbs].toSorted(byVerbOrder);
    const ruleKey = JSON.stringify([group, names, sorted]);
    rules.set(ruleKey, {
      apiGroups: [group],
      resources: [...(rules.get(ruleKey)?.resources ?? []), resource],
      ...(names.length > 0 && { resourceNames: names }),
      verbs: sorted,
    });
  }
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: [...rules.values()],
  };
}
