import { defineKind, typeName, z } from '@k0smotron/crd';
import { k0sConfigFields } from '../declarations/fields/k0s-config.ts';
import { bootstrapConfigStatus } from '../declarations/fields/status.ts';
import {
  bothVersions,
  categories,
  columns,
  contractLabels,
  groups,
  type ApiVersionName,
} from '../declarations/versions.ts';

const spec = (version: ApiVersionName) =>
  z
    .object({
      ...k0sConfigFields(version),
      version: z.string().optional().describe('k0s version, for example v1.34.4+k0s.0.'),
    })
    .meta(typeName('K0sControllerConfigSpec'))
    .default({} as never);

/** Makes a machine a k0s controller. */
export const K0sControllerConfig = defineKind({
  group: groups.bootstrap,
  kind: 'K0sControllerConfig',
  plural: 'k0scontrollerconfigs',
  categories,
  labels: contractLabels('bootstrap'),
  summary:
    'K0sControllerConfig makes the bootstrap data that turns a machine into a k0s controller. K0sControlPlane makes one per Machine, under the same name.',
  versions: bothVersions({
    spec,
    status: bootstrapConfigStatus,
    v1beta1Deprecated: true,
    columns: () => [
      columns.cluster,
      { name: 'Secret', path: '.status.dataSecretName' },
      { name: 'Version', path: '.spec.version' },
      columns.ready,
      columns.age,
      columns.message,
    ],
  }),
});
