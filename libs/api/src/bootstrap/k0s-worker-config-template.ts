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
import { workerTemplateSpec } from './k0s-worker-config.ts';

const spec = (version: ApiVersionName) =>
  templateSpec(workerTemplateSpec(version), { one: 'configuration', all: 'configurations' });

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
