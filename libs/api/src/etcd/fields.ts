import { typeName, z, type Column, type Field, type VersionInput } from '@k0smotron/crd';

/** The one version of the snapshot kinds, ours alone. */
export const alphaVersion = (version: {
  readonly spec: Field;
  readonly status: Field;
  readonly columns: readonly Column[];
}): readonly VersionInput[] => [{ ...version, name: 'v1alpha1', storage: true }];

/** Labels of the snapshot kinds' CRDs: no Cluster API contract, only whose they are. */
export const snapshotLabels = { 'cluster.x-k8s.io/provider': 'addon-k0smotron' };

/** An object in the same namespace. */
export const localReference = (what: string) =>
  z
    .object({ name: z.string().min(1).max(253).describe('Name of the object, in the same namespace.') })
    .meta(typeName('LocalReference'))
    .describe(what);

/** A control plane in the same namespace. */
export const controlPlaneReference = (what: string) =>
  z
    .object({
      apiGroup: z
        .enum(['controlplane.cluster.x-k8s.io', 'k0smotron.io'])
        .default('controlplane.cluster.x-k8s.io')
        .describe('API group of the control plane.'),
      kind: z.enum(['K0sControlPlane', 'K0smotronControlPlane', 'Cluster']).describe('Kind of the control plane.'),
      name: z.string().min(1).max(253).describe('Name of the control plane, in the same namespace.'),
    })
    .meta(typeName('ControlPlaneReference'))
    .describe(what);
