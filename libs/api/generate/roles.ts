import { toClusterRole, type PermissionLike } from '@k0smotron/crd';
import { toYaml } from './crds.ts';
import { yamlHeader } from './header.ts';

/** The file of a service's ClusterRole: what its controllers declare, and nothing more. */
export const renderRole = (name: string, permissions: readonly PermissionLike[]): string =>
  yamlHeader + toYaml(toClusterRole(name, permissions));
