import { hostlessCluster } from '../cluster/hostless-cluster.ts';
import { withField, type Manifest } from '../cluster/manifests.ts';

const namespace = 'default';
const infrastructure = 'infrastructure.cluster.x-k8s.io';
const bootstrap = 'bootstrap.cluster.x-k8s.io';

/** A cluster with everything that core and our providers make of one, as far as it comes without a host. */
export const contractCluster = (name: string): Manifest[] => [
  ...hostlessCluster(name),
  // No control plane ever comes up here, and workers would wait for it.
  withField(workers(name), ['metadata', 'annotations'], {
    'machineset.cluster.x-k8s.io/skip-preflight-checks': 'All',
  }),
  {
    apiVersion: `${bootstrap}/v1beta2`,
    kind: 'K0sWorkerConfigTemplate',
    metadata: { name, namespace },
    spec: { template: { spec: { version: 'v1.34.4+k0s.0' } } },
  },
  {
    apiVersion: `${infrastructure}/v1beta2`,
    kind: 'RemoteMachineTemplate',
    metadata: { name: `${name}-workers`, namespace },
    spec: { template: { spec: { pool: 'empty' } } },
  },
];

const workers = (name: string): Manifest => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'MachineDeployment',
  metadata: { name, namespace },
  spec: {
    clusterName: name,
    replicas: 1,
    selector: { matchLabels: {} },
    template: {
      spec: {
        clusterName: name,
        version: 'v1.34.4+k0s.0',
        bootstrap: { configRef: { apiGroup: bootstrap, kind: 'K0sWorkerConfigTemplate', name } },
        infrastructureRef: { apiGroup: infrastructure, kind: 'RemoteMachineTemplate', name: `${name}-workers` },
      },
    },
  },
});
