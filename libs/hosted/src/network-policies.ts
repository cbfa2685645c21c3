import type { JsonObject } from './json.ts';
import { selectorLabels, type PodGroup } from './labels.ts';
import { etcdMetricsPort, isMonitored, metricsPort } from './monitoring-objects.ts';
import { namesOf } from './names.ts';
import { natsRoutesPort } from './nats-objects.ts';
import { hostedObject } from './object-meta.ts';
import type { HostedComponent, HostedObject, HostedPlane } from './plane.ts';
import { hasNats } from './replicas.ts';

/** Workers and clients come from anywhere, to the published ports only: k0s's own join API and metrics are not for them. */
export const controlPlaneNetworkPolicy = (plane: HostedPlane): HostedObject => {
  const { apiPort, konnectivityPort } = plane.spec.service;
  return policy(plane, namesOf(plane).controlPlane, 'cluster', 'control-plane', [
    { ports: [tcp(apiPort), tcp(konnectivityPort)] },
    ...(hasNats(plane.spec) ? [{ from: [podsOf(plane, 'cluster')], ports: [tcp(natsRoutesPort)] }] : []),
    // Whoever collects metrics in this cluster; from outside the port cannot be reached.
    ...(isMonitored(plane) ? [{ from: [{ namespaceSelector: {} }], ports: [tcp(metricsPort)] }] : []),
  ]);
};

/** etcd is for the plane's own API servers, its members and their defragmentation, and our services, which stand in a namespace of their own. */
export const etcdNetworkPolicy = (plane: HostedPlane): HostedObject => {
  const pods = (group: PodGroup) => podsOf(plane, group);
  const ourServices = {
    namespaceSelector: {},
    podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'k0smotron' } },
  };
  return policy(plane, namesOf(plane).etcd, 'etcd', 'etcd', [
    { from: [pods('cluster'), pods('etcd'), pods('defrag'), ourServices], ports: [tcp(2379)] },
    { from: [pods('etcd')], ports: [tcp(2380)] },
    ...(isMonitored(plane) ? [{ from: [pods('cluster')], ports: [tcp(etcdMetricsPort)] }] : []),
  ]);
};

const podsOf = (plane: HostedPlane, group: PodGroup): JsonObject => ({
  podSelector: { matchLabels: selectorLabels(plane, group) },
});

const tcp = (port: number): JsonObject => ({ protocol: 'TCP', port });

const policy = (
  plane: HostedPlane,
  name: string,
  group: PodGroup,
  component: HostedComponent,
  ingress: readonly JsonObject[],
): HostedObject =>
  hostedObject(
    plane,
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', name, group, component },
    { spec: { podSelector: { matchLabels: selectorLabels(plane, group) }, policyTypes: ['Ingress'], ingress } },
  );
