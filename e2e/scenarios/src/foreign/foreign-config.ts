import type { Manifest } from '../cluster/manifests.ts';

const group = 'bootstrap.cluster.x-k8s.io';

/** The CRD of a bootstrap provider that nobody here has heard of, with no more than the contract asks for. */
export const foreignConfigCrd: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: `farmconfigs.${group}`,
    labels: { 'cluster.x-k8s.io/v1beta2': 'v1' },
  } as Manifest['metadata'],
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: 'FarmConfig', listKind: 'FarmConfigList', plural: 'farmconfigs', singular: 'farmconfig' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};

/** A config of that provider. Its data Secret is the test's to name in the status, as the provider would. */
export const foreignConfig = (name: string): Manifest => ({
  apiVersion: `${group}/v1`,
  kind: 'FarmConfig',
  metadata: { name, namespace: 'default' },
  spec: {},
});

/** The reference of a Machine to a config. */
export const configRef = (kind: string, name: string) => ({ apiGroup: group, kind, name });
