import { defineKind, typeName, z } from '@k0smotron/crd';
import { conditions } from '../declarations/fields/meta.ts';
import { bothVersions, columns, groups, standaloneLabels, type ApiVersionName } from '../declarations/versions.ts';
import { hostedCluster } from './cluster-spec.ts';

/** A Cluster without any spec is reached through ports of the nodes, as in the original. */
const spec = (version: ApiVersionName) =>
  hostedCluster(version, { type: 'K0smotronClusterSpec', defaultVersion: 'v1.27.9-k0s.0' }).default({
    service: { type: 'NodePort' },
  } as never);

const counter = (what: string) => z.int32().optional().describe(what);

const old = {
  reconciliationStatus: z.string().optional().describe('What the last attempt came to, in words.'),
  ready: z.boolean().optional().describe('As many controllers are ready as are wanted.'),
};

const status = (version: ApiVersionName) =>
  z
    .object({
      ...(version === 'v1beta1' && old),
      replicas: counter('Controllers that exist.'),
      selector: z.string().optional().describe('Selects the pods of the controllers, for scale.'),
      conditions: conditions(),
      ...(version === 'v1beta2' && {
        readyReplicas: counter('Controllers that are ready.'),
        updatedReplicas: counter('Controllers that are as the spec wants them.'),
        deprecated: z
          .object({ v1beta1: z.object(old).optional().describe('Fields that only v1beta1 has.') })
          .optional()
          .describe('Fields of older versions.'),
      }),
    })
    .meta(typeName('K0smotronClusterStatus'));

/** A hosted cluster without Cluster API, and what K0smotronControlPlane makes. */
export const Cluster = defineKind({
  group: groups.k0smotron,
  kind: 'Cluster',
  plural: 'clusters',
  typescriptName: 'K0smotronCluster',
  shortNames: ['kmc'],
  labels: standaloneLabels,
  summary: 'Cluster is a Kubernetes cluster whose control plane runs in pods; it needs no Cluster API.',
  versions: bothVersions({
    spec,
    status,
    scale: true,
    v1beta1Deprecated: true,
    columns: () => [
      { name: 'Address', path: '.spec.externalAddress' },
      { name: 'Desired', path: '.spec.replicas', type: 'integer', priority: 10 },
      { name: 'Replicas', path: '.status.replicas', type: 'integer' },
      { name: 'Available', path: '.status.conditions[?(@.type=="Available")].status' },
      columns.age,
      { name: 'Version', path: '.spec.version' },
    ],
  }),
});
