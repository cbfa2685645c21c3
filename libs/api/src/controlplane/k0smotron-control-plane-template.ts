import { defineKind } from '@k0smotron/crd';
import { templateSpec } from '../declarations/fields/meta.ts';
import {
  bothVersions,
  categories,
  columns,
  contractLabels,
  groups,
  type ApiVersionName,
} from '../declarations/versions.ts';
import { hostedCluster } from '../k0smotron/cluster-spec.ts';

const spec = (version: ApiVersionName) =>
  templateSpec(hostedCluster(version), { one: 'control plane', all: 'control planes' });

/** What a ClusterClass copies K0smotronControlPlanes from. */
export const K0smotronControlPlaneTemplate = defineKind({
  group: groups.controlPlane,
  kind: 'K0smotronControlPlaneTemplate',
  plural: 'k0smotroncontrolplanetemplates',
  categories,
  labels: contractLabels('control-plane'),
  summary: 'K0smotronControlPlaneTemplate is what a ClusterClass copies K0smotronControlPlanes from.',
  versions: bothVersions({ spec, columns: () => [columns.age] }).map((version) => ({
    ...version,
    statusSubresource: true,
  })),
});
