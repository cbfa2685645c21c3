import { defineKind, typeName, z } from '@k0smotron/crd';
import { apiEndpoint, conditions } from '../declarations/fields/meta.ts';
import { failureDomains, initializationNotEmpty } from '../declarations/fields/status.ts';
import {
  bothVersions,
  categories,
  columns,
  contractLabels,
  groups,
  type ApiVersionName,
} from '../declarations/versions.ts';

/** What RemoteCluster and its template share. */
export const remoteClusterFields = () => ({ controlPlaneEndpoint: apiEndpoint() });

const spec = () =>
  z
    .object(remoteClusterFields())
    .meta(typeName('RemoteClusterSpec'))
    .default({} as never);

const status = (version: ApiVersionName) =>
  z
    .object({
      ...(version === 'v1beta1'
        ? { ready: z.boolean().optional().describe('The infrastructure is there: always, once looked at.') }
        : {
            initialization: initializationNotEmpty({
              provisioned: z.boolean().optional().describe('The infrastructure is there: always, once looked at.'),
            }),
          }),
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
  summary:
    'RemoteCluster stands for the infrastructure of a cluster on remote machines: it holds the endpoint, there is nothing to make.',
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
