import { defineKind, typeName, z } from '@k0smotron/crd';
import { capiMetadata } from '../declarations/fields/meta.ts';
import { bothVersions, categories, columns, contractLabels, groups } from '../declarations/versions.ts';
import { remoteClusterFields } from './remote-cluster.ts';

const spec = () =>
  z
    .object({
      template: z
        .object({
          metadata: capiMetadata().describe('Metadata for the objects made from the template.'),
          spec: z.object(remoteClusterFields()).meta(typeName('RemoteClusterSpec')).describe('Spec of the clusters.'),
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
  versions: bothVersions({ spec, v1beta1Deprecated: true, columns: () => [columns.age] }),
});
