import { defaultImages, imageOf, namespaceOf, objectName, type Provider } from './provider.ts';

const certificates = '/tmp/k8s-webhook-server/serving-certs';
/** Ports of a service's container, by name. */
export const ports = { webhooks: 9443, metrics: 8443, health: 9440 };

/** The objects that run a service in a cluster, in the order in which they are made. */
export function managerObjects(provider: Provider): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(provider) } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: objectName(provider) } },
    binding(provider, 'ClusterRole'),
    binding(provider, 'Role'),
    service(provider, 'webhooks', 443),
    service(provider, 'metrics', ports.metrics),
    deployment(provider),
    ...certificate(provider),
  ];
}

/** Name of the Service behind which a provider's webhooks answer. */
export const webhookService = (provider: Provider): string => `${objectName(provider)}-webhooks`;

/** Secret of the certificate of webhooks and diagnostics. */
export const secretOf = (provider: Provider): string => `${objectName(provider)}-webhook-certificate`;

/** What a service's pods are known by. */
export const podLabels = ({ service }: Provider) => ({
  'app.kubernetes.io/part-of': 'k0smotron',
  'app.kubernetes.io/name': service,
});

const binding = (provider: Provider, role: 'ClusterRole' | 'Role') => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: `${role}Binding`,
  metadata: { name: objectName(provider) },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role, name: objectName(provider) },
  subjects: [{ kind: 'ServiceAccount', name: objectName(provider), namespace: namespaceOf(provider) }],
});

const service = (provider: Provider, purpose: 'webhooks' | 'metrics', port: number) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: `${objectName(provider)}-${purpose}`, labels: podLabels(provider) },
  spec: { selector: podLabels(provider), ports: [{ name: purpose, port, targetPort: purpose }] },
});

/** cert-manager makes and renews it, and puts its CA into the CRDs (contract K-15). */
const certificate = (provider: Provider) => {
  const [name, namespace, host] = [objectName(provider), namespaceOf(provider), webhookService(provider)];
  const apiVersion = 'cert-manager.io/v1';
  return [
    { apiVersion, kind: 'Issuer', metadata: { name }, spec: { selfSigned: {} } },
    {
      apiVersion,
      kind: 'Certificate',
      metadata: { name },
      spec: {
        dnsNames: [`${host}.${namespace}.svc`, `${host}.${namespace}.svc.cluster.local`],
        issuerRef: { kind: 'Issuer', name },
        secretName: secretOf(provider),
      },
    },
  ];
};

/** Where a Prometheus that goes by annotations finds the metrics; it must bring a token (docs/guide/overlays.md). */
const scraping = {
  'prometheus.io/scrape': 'true',
  'prometheus.io/scheme': 'https',
  'prometheus.io/port': String(ports.metrics),
  'prometheus.io/path': '/metrics',
};

const deployment = (provider: Provider) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: objectName(provider), labels: podLabels(provider) },
  spec: {
    replicas: 1,
    selector: { matchLabels: podLabels(provider) },
    template: {
      metadata: { labels: podLabels(provider), annotations: scraping },
      spec: {
        serviceAccountName: objectName(provider),
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        // A leader that is asked to stop gives its Lease away at once; work on hosts goes on there by itself.
        terminationGracePeriodSeconds: 15,
        containers: [manager(provider)],
        volumes: [{ name: 'certificate', secret: { secretName: secretOf(provider) } }],
      },
    },
  },
});

/** clusterctl finds the container by its name (contract K-11). */
const manager = (provider: Provider) => ({
  name: 'manager',
  image: imageOf(provider, { images: defaultImages, tag: 'dev' }),
  args: ['--leader-elect'],
  env: [
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    {
      name: 'K0SMOTRON_NATS_URL',
      valueFrom: { configMapKeyRef: { name: 'k0smotron', key: 'nats-url', optional: true } },
    },
  ],
  ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })),
  readinessProbe: { httpGet: { path: '/readyz', port: 'health' }, periodSeconds: 5 },
  livenessProbe: { httpGet: { path: '/healthz', port: 'health' }, initialDelaySeconds: 15, periodSeconds: 20 },
  resources: {
    requests: { cpu: '50m', memory: provider.memory.request },
    limits: { memory: provider.memory.limit },
  },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  },
  volumeMounts: [{ name: 'certificate', mountPath: certificates, readOnly: true }],
});
