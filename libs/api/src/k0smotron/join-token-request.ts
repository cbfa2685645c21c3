import { celRule, defineKind, typeName, z } from '@k0smotron/crd';
import { conditions } from '../declarations/fields/meta.ts';
import { bothVersions, columns, groups, standaloneLabels, type ApiVersionName } from '../declarations/versions.ts';

/** v1beta1 may ask for a token of a Cluster in another namespace, v1beta2 may not. */
const cluster = (version: ApiVersionName) =>
  version === 'v1beta1'
    ? {
        clusterRef: z
          .object({
            name: z.string().describe('Name of the Cluster.'),
            namespace: z.string().describe('Namespace of the Cluster.'),
          })
          .meta(typeName('ClusterRef'))
          .describe('The Cluster that the token is for.'),
      }
    : {
        clusterName: z
          .string()
          .min(1)
          .max(63)
          .describe('Name of the Cluster that the token is for, in the same namespace.'),
      };

const spec = (version: ApiVersionName) =>
  z
    .object({
      ...cluster(version),
      expiry: z
        .string()
        .max(64)
        .meta(
          celRule(
            "self.matches('^(0|([0-9]+([.][0-9]*)?(ns|us|µs|ms|s|m|h))+)$')",
            'not a duration: write for example 24h',
          ),
        )
        .default('0s')
        .describe('How long the token is good, for example 24h; 0s means while the request is there.'),
      role: z.enum(['worker', 'controller']).default('worker').describe('What joins with the token.'),
      singleUse: z.boolean().optional().describe('Revokes the token as soon as one node has joined with it.'),
    })
    .meta(typeName('JoinTokenRequestSpec'));

const old = {
  reconciliationStatus: z.string().optional().describe('What the last attempt came to, in words.'),
  clusterUID: z.string().optional().describe('The uid of the Cluster.'),
};

const status = (version: ApiVersionName) =>
  z
    .object({
      ...(version === 'v1beta1' && old),
      tokenID: z.string().optional().describe('Public half of the token; once there, the request is done.'),
      expiresAt: z
        .string()
        .optional()
        .describe('When the token ends, in RFC 3339; one without an end is prolonged before.'),
      conditions: conditions(),
      ...(version === 'v1beta2' && {
        deprecated: z
          .object({ v1beta1: z.object(old).optional().describe('Fields that only v1beta1 has.') })
          .optional()
          .describe('Fields of older versions.'),
      }),
    })
    .meta(typeName('JoinTokenRequestStatus'));

/** A wish for a join token. */
export const JoinTokenRequest = defineKind({
  group: groups.k0smotron,
  kind: 'JoinTokenRequest',
  plural: 'jointokenrequests',
  shortNames: ['jtr'],
  labels: standaloneLabels,
  summary:
    'JoinTokenRequest asks for a token that a machine joins a Cluster with; it comes as a Secret of the same name.',
  versions: bothVersions({
    spec,
    status,
    v1beta1Deprecated: true,
    columns: (version) => [
      { name: 'Cluster', path: version === 'v1beta1' ? '.spec.clusterRef.name' : '.spec.clusterName' },
      { name: 'Role', path: '.spec.role' },
      { name: 'Token', path: '.status.tokenID' },
      { name: 'Expires', path: '.status.expiresAt' },
      columns.age,
    ],
  }),
});
