import type { Machine } from '@k0smotron/lab';
import type { Manifest } from '../cluster/manifests.ts';

const namespace = 'default';

/** The Cluster that the machines of a scenario belong to. It has no control plane: no data here joins one. */
export const hostsCluster = (): Manifest[] => [
  {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Cluster',
    metadata: { name: 'hosts', namespace },
    spec: {
      controlPlaneEndpoint: { host: '192.0.2.1', port: 6443 },
      infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteCluster', name: 'hosts' },
    },
  },
  {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
    kind: 'RemoteCluster',
    metadata: { name: 'hosts', namespace },
    spec: {},
  },
];

/** Bootstrap data as any provider makes it. */
export const bootstrapData = (name: string, cloudConfig: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  type: 'cluster.x-k8s.io/secret',
  stringData: { value: cloudConfig, format: 'cloud-config' },
});

/** The Machine that owns a RemoteMachine of the same name. */
export const ownerMachine = (name: string, dataSecretName = `${name}-data`): Manifest => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Machine',
  metadata: { name, namespace },
  spec: {
    clusterName: 'hosts',
    bootstrap: { dataSecretName },
    infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachine', name },
  },
});

/** A RemoteMachine as users write it. */
export const remoteMachine = (name: string, spec: Record<string, unknown>): Manifest => ({
  apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
  kind: 'RemoteMachine',
  metadata: { name, namespace },
  spec,
});

/** A RemoteMachine with an address of its own. */
export const onHost = (name: string, host: Pick<Machine, 'address'>, over: Record<string, unknown> = {}): Manifest =>
  remoteMachine(name, { address: host.address, user: 'root', sshKeyRef: { name: `${name}-key` }, ...over });
