import { podLabels, secretOf, webhookService } from './manager.ts';
import { namespaceOf, objectName, providers } from './provider.ts';

/** How the Prometheus operator finds the metrics: over TLS, with the token of Prometheus' own account. */
export const serviceMonitors = (): readonly object[] =>
  providers.map((provider) => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: objectName(provider), namespace: namespaceOf(provider) },
    spec: {
      selector: { matchLabels: podLabels(provider) },
      endpoints: [
        {
          port: 'metrics',
          scheme: 'https',
          bearerTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
          tlsConfig: {
            ca: { secret: { name: secretOf(provider), key: 'ca.crt' } },
            // The certificate is that of the webhooks.
            serverName: `${webhookService(provider)}.${namespaceOf(provider)}.svc`,
          },
        },
      ],
    },
  }));
