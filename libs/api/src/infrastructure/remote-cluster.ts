import { defineKind, notEmpty, typeName, z } from '@k0smotron/crd';
import { apiEndpoint, capiMetadata, conditions } from '../declarations/fields/meta.ts';
import { failureDomains, provisioned } from '../declarations/fields/status.ts';
import { bothVersions, categories, columns, contractLabels, groups, type ApiVersionName } from '../declarations/versions.ts';

const fields = () => ({ controlPlaneEndpoint: apiEndpoint() });

const spec = () => z.object(fields()).meta(typeName('RemoteClusterSpec')).default({} as never);

const status = (version: ApiVersionName) =>
  z
    .object({
      ...(version === 'v1beta1'
        ? { ready: z.boolean().default(false).describe('The infrastructure is there: always, once looked at.') }
        : { initialization: provisioned('The infrastructure is there: always, once looked at.').unwrap().meta(notEmpty).optional() }),
      failureDomains: failureDomains(version),
      conditions: conditions(),
    })
    .meta(typeName('RemoteClusterStatus'));

/** The infrastructure of a cluster of remote machines: an endpoint, and nothing to make. */
export const RemoteCluster = defineKind({
  group: groups.infrastructure,
  kind: 'RemoteCluster',
  plural: 'remoteclusters',
  categories,
  labels: contractLabels('infrastructure'),
  summary: 'RemoteCluster stands for the infrastructure of a cluster on remote machines: it holds the endpoint, there is nothing to make.',
  versions: bothVersions({
    spec,
    status,
    v1beta1Deprecated: true,
    columns: () => [
      columns.cluster,
      { name: 'Host', path: '.spec.controlPlaneEndpoint.host' },
      { name: 'Port', path: '.spec.controlPlaneEndpoint.port', type: 'integer' },
      columns.ready,
      columns.age,
    ],
  }),
});

const templateSpec = () =>
  z
    .object({
      template: z
        .object({
          metadata: capiMetadata().describe('Metadata for the objects made from the template.'),
          spec: z.object(fields()).meta(typeName('RemoteClusterSpec')).describe('Spec of the clusters.'),
        })
        .describe('What each cluster looks like.'),
    })
    .meta(typeName('RemoteClusterTemplateSpec'));

/** What a ClusterClass copies RemoteClusters from. */
export const RemoteClusterTemplate = defineKind({
  group: groups.infrastructure,
  kind: 'RemoteClusterTemplate',
  plural: 'remoteclustertemplates',
  categories,
  labels: contractLabels('infrastructure'),
  summary: 'RemoteClusterTemplate is what a ClusterClass copies RemoteClusters from.',
  versions: bothVersions({ spec: templateSpec, v1beta1Deprecated: true, columns: () => [columns.age] }),
});
