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
import { workerTemplateSpec } from './k0s-worker-config.ts';

const spec = (version: ApiVersionName) =>
  z
    .object({
      template: z
        .object({
          metadata: embeddedMetadata(),
          spec: workerTemplateSpec(version).optional().describe('Spec of the configurations.'),
        })
        .optional()
        .describe('What each configuration looks like.'),
    })
    .default({} as never);

/** What a MachineDeployment copies K0sWorkerConfigs from. */
export const K0sWorkerConfigTemplate = defineKind({
  group: groups.bootstrap,
  kind: 'K0sWorkerConfigTemplate',
  plural: 'k0sworkerconfigtemplates',
  categories,
  labels: contractLabels('bootstrap'),
  summary: 'K0sWorkerConfigTemplate is what MachineDeployments and topologies copy K0sWorkerConfigs from.',
  versions: bothVersions({ spec, v1beta1Deprecated: true, columns: () => [columns.age] }).map((version) => ({
    ...version,
    statusSubresource: true,
  })),
});
