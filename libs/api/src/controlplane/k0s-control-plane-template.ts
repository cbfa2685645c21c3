import { celRules, defineKind, typeName, z } from '@k0smotron/crd';
import { templateSpec } from '../declarations/fields/meta.ts';
import {
  bothVersions,
  categories,
  columns,
  contractLabels,
  groups,
  type ApiVersionName,
} from '../declarations/versions.ts';
import {
  checkedVersion,
  controlPlaneConfig,
  noRecreateOfSingle,
  oneVersionRule,
  updateStrategy,
  versionFields,
} from './fields.ts';
import { machineTemplateResource } from './machine-template.ts';

const resourceSpec = (version: ApiVersionName) =>
  z
    .object({
      k0sConfigSpec: controlPlaneConfig(version),
      machineTemplate: machineTemplateResource(),
      ...(version === 'v1beta1'
        ? versionFields(version)
        : { version: checkedVersion('k0s version; topologies set their own.').optional() }),
      updateStrategy: updateStrategy(),
    })
    .meta({
      ...typeName('K0sControlPlaneTemplateResourceSpec'),
      ...celRules(noRecreateOfSingle, ...(version === 'v1beta1' ? [oneVersionRule] : [])),
    });

const spec = (version: ApiVersionName) =>
  templateSpec(resourceSpec(version), { one: 'control plane', all: 'control planes' });

/** What a ClusterClass copies K0sControlPlanes from. */
export const K0sControlPlaneTemplate = defineKind({
  group: groups.controlPlane,
  kind: 'K0sControlPlaneTemplate',
  plural: 'k0scontrolplanetemplates',
  categories,
  labels: contractLabels('control-plane'),
  summary: 'K0sControlPlaneTemplate is what a ClusterClass copies K0sControlPlanes from.',
  versions: bothVersions({ spec, columns: () => [columns.age] }).map((version) => ({
    ...version,
    statusSubresource: true,
  })),
});
