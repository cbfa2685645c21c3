import { labelOf, namespaceOf, objectName, type Provider } from './provider.ts';
import { webhookService } from './manager.ts';
import { admits } from './webhook-configuration.ts';

/** What binds the parts of a provider's package together. */
export function kustomization(provider: Provider): object {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: namespaceOf(provider),
    labels: [
      {
        // clusterctl puts them on by itself; kubectl and GitOps do not (contract K-12).
        pairs: { 'cluster.x-k8s.io/provider': labelOf(provider), 'clusterctl.cluster.x-k8s.io': '' },
      },
    ],
    resources: ['manager.yaml', 'rbac.yaml', 'crds', ...(admits(provider) ? ['webhooks.yaml'] : [])],
    ...(provider.converts && { patches: [{ target: { kind: 'CustomResourceDefinition' }, path: 'conversion.yaml' }] }),
  };
}

/** Laid over each CRD of a provider that converts. The shape is one that clusterctl can move to another namespace (K-10). */
export const conversionPatch = (provider: Provider): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'any',
    annotations: { 'cert-manager.io/inject-ca-from': `${namespaceOf(provider)}/${objectName(provider)}` },
  },
  spec: {
    conversion: {
      strategy: 'Webhook',
      webhook: {
        clientConfig: {
          service: { name: webhookService(provider), namespace: namespaceOf(provider), path: '/convert', port: 443 },
        },
        conversionReviewVersions: ['v1'],
      },
    },
  },
});
