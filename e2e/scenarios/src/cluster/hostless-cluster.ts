import type { Manifest } from './manifests.ts';

const namespace = 'default';
const clusterGroup = 'cluster.x-k8s.io';
const infrastructure = 'infrastructure.cluster.x-k8s.io';
const bootstrap = 'bootstrap.cluster.x-k8s.io';
const controlPlane = 'controlplane.cluster.x-k8s.io';

const remoteMachineRef = (name: string) => ({ apiGroup: infrastructure, kind: 'RemoteMachine', name });

/** A cluster of every kind of ours whose pool is empty: all that can be done without a host is done, and no more. */
export const hostlessCluster = (name: string): Manifest[] => [
  {
    apiVersion: `${clusterGroup}/v1beta2`,
    kind: 'Cluster',
    metadata: { name, namespace },
    spec: {
      controlPlaneEndpoint: { host: '192.0.2.1', port: 6443 },
      infrastructureRef: { apiGroup: infrastructure, kind: 'RemoteCluster', name },
      controlPlaneRef: { apiGroup: controlPlane, kind: 'K0sControlPlane', name },
    },
  },
  { apiVersion: `${infrastructure}/v1beta2`, kind: 'RemoteCluster', metadata: { name, namespace }, spec: {} },
  {
    apiVersion: `${infrastructure}/v1beta2`,
    kind: 'RemoteMachineTemplate',
    metadata: { name, namespace },
    spec: { template: { spec: { pool: 'empty' } } },
  },
  {
    apiVersion: `${controlPlane}/v1beta2`,
    kind: 'K0sControlPlane',
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      version: 'v1.34.4+k0s.0',
      k0sConfigSpec: {},
      machineTemplate: {
        spec: { infrastructureRef: { apiGroup: infrastructure, kind: 'RemoteMachineTemplate', name } },
      },
    },
  },
];

/** A worker of such a cluster. */
export const hostlessWorker = (cluster: string, name: string): Manifest[] => [
  {
    apiVersion: `${clusterGroup}/v1beta2`,
    kind: 'Machine',
    metadata: { name, namespace },
    spec: {
      clusterName: cluster,
      bootstrap: { configRef: { apiGroup: bootstrap, kind: 'K0sWorkerConfig', name } },
      infrastructureRef: remoteMachineRef(name),
    },
  },
  {
    apiVersion: `${bootstrap}/v1beta2`,
    kind: 'K0sWorkerConfig',
    metadata: { name, namespace },
    spec: { version: 'v1.34.4+k0s.0' },
  },
  {
    apiVersion: `${infrastructure}/v1beta2`,
    kind: 'RemoteMachine',
    metadata: { name, namespace },
    spec: { pool: 'empty' },
  },
];
