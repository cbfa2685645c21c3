import { ports, podLabels } from './manager.ts';
import { natsNamespace } from './nats-clients.ts';
import { namespaceOf, objectName, providers, type Provider } from './provider.ts';

const tcp = (...numbers: readonly number[]) => numbers.map((port) => ({ protocol: 'TCP', port }));
const namespaces = (...names: readonly string[]) => [
  {
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: names }],
    },
  },
];
const dns = {
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

/**
 * Who may reach a service, and what it may reach. API servers have addresses that no selector knows, so webhooks are open
 * to all and outgoing calls are limited by port only: 443 and 6443 for API servers, the management cluster's and those of
 * the clusters it makes, 22 for hosts. Hosted control planes are pods here, with ports of the user's choice. Other ports are
 * for an overlay to add.
 */
const serviceMay = (provider: Provider): object =>
  policy(namespaceOf(provider), objectName(provider), podLabels(provider), {
    ingress: [{ ports: tcp(ports.webhooks) }, { from: namespaces('monitoring'), ports: tcp(ports.metrics) }],
    egress: [
      dns,
      { ports: tcp(443, 6443, ...(provider.ssh ? [22] : [])) },
      { to: namespaces(natsNamespace), ports: tcp(4222) },
      { to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'k0smotron' } } }] },
    ],
  });

const natsLabels = { 'app.kubernetes.io/part-of': 'k0smotron', 'app.kubernetes.io/name': 'nats' };

/** Only our services speak to NATS, and its servers to each other. */
const natsMay = (): object =>
  policy(natsNamespace, 'nats', natsLabels, {
    ingress: [
      { from: namespaces(...providers.map(namespaceOf)), ports: tcp(4222) },
      { from: [{ podSelector: { matchLabels: natsLabels } }], ports: tcp(6222) },
    ],
    egress: [dns, { to: [{ podSelector: { matchLabels: natsLabels } }], ports: tcp(6222) }],
  });

const policy = (
  namespace: string,
  name: string,
  matchLabels: object,
  rules: { ingress: object[]; egress: object[] },
) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec: { podSelector: { matchLabels }, policyTypes: ['Ingress', 'Egress'], ...rules },
});

/** Lets through what the services need and nothing else; kubelets reach the pods of their node without being asked. */
export const networkPolicies = (): readonly object[] => [...providers.map(serviceMay), natsMay()];
