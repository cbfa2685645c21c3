import { defineKind, z } from '@k0smotron/crd';
import { embeddedMetadata } from '../declarations/fields/meta.ts';
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
  z
    .object({
      template: z
        .object({
          metadata: embeddedMetadata(),
          spec: hostedCluster(version).optional().describe('Spec of the control planes.'),
        })
        .optional()
        .describe('What each control plane looks like.'),
    })
    .default({} as never);

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
