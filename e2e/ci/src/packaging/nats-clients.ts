import { namespaceOf, objectName, providers } from './provider.ts';

/** Namespace of the NATS servers in deploy/nats. */
export const natsNamespace = 'k0smotron-nats-system';

/** The ConfigMap that tells each service where NATS is (ADR 0013), for deploy/nats. */
export const natsAddresses = (): readonly object[] =>
  providers.map((provider) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'k0smotron', namespace: namespaceOf(provider) },
    data: { 'nats-url': `nats://nats.${natsNamespace}.svc:4222` },
  }));

/** What each service shows to NATS servers, and the CA that it knows them by; mounted for `--nats-cert-dir`. */
export const natsCertificates = (): readonly object[] =>
  providers.map((provider) => ({
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'k0smotron-nats-client', namespace: namespaceOf(provider) },
    spec: {
      commonName: objectName(provider),
      secretName: 'k0smotron-nats-client',
      usages: ['client auth'],
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      issuerRef: { kind: 'ClusterIssuer', name: 'k0smotron-nats' },
    },
  }));
