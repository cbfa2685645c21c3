import { defineKind, typeName } from '@k0smotron/crd';
import { bothVersions, categories, contractLabels, groups, type ApiVersionName } from '../declarations/versions.ts';
import { hostedCluster } from '../k0smotron/cluster-spec.ts';
import { versionBehindIngress } from '../k0smotron/rules.ts';
import { controlPlaneColumns, controlPlaneStatus } from './control-plane-status.ts';

const spec = (version: ApiVersionName) =>
  hostedCluster(version, { rules: [versionBehindIngress] }).default({} as never);

/** A control plane in pods of the management cluster, or of another one. */
export const K0smotronControlPlane = defineKind({
  group: groups.controlPlane,
  kind: 'K0smotronControlPlane',
  plural: 'k0smotroncontrolplanes',
  categories,
  labels: contractLabels('control-plane'),
  summary: 'K0smotronControlPlane is a set of pods that run k0s controllers.',
  versions: bothVersions({
    spec,
    status: (version) => controlPlaneStatus(version, 'pods').meta(typeName('K0smotronControlPlaneStatus')),
    scale: true,
    columns: controlPlaneColumns,
  }),
});
