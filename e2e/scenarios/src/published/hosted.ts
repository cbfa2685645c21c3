import { published } from './published.ts';

const loadBalancer = { type: 'LoadBalancer', apiPort: 6443, konnectivityPort: 8132 };
const etcdImage = 'quay.io/k0sproject/etcd:v3.5.13';
const etcdResources = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '200m', memory: '256Mi' } };
const ingress = {
  apiHost: 'kube-api.example.com',
  konnectivityHost: 'konnectivity.example.com',
  className: 'haproxy',
  annotations: { 'haproxy.org/ssl-passthrough': 'true' },
};
const config = (spec: object): object => ({
  apiVersion: 'k0s.k0sproject.io/v1beta1',
  kind: 'ClusterConfig',
  metadata: { name: 'k0s' },
  spec,
});
const chart = (name: string, values: string): object => ({
  name,
  chartname: `${name}/${name}`,
  version: '1.17.1',
  namespace: 'kube-system',
  order: 1,
  values,
});
const patch = (component: string, kind: string, type: string, content: string): object => ({
  target: { component, kind },
  patch: { type, content },
});
const kine = (from: object): object => ({
  replicas: 3,
  service: { type: 'LoadBalancer' },
  storage: { type: 'kine', kine: from },
});

/** Control planes in pods. */
export const hosted = [
  ...published('Cluster', {
    'config/samples/_v1beta2_k0smotroncluster.yaml': [
      { storage: { type: 'etcd', etcd: { image: etcdImage, persistence: {}, resources: etcdResources } } },
    ],
    'docs/cluster.md': [undefined],
    'docs/configuration.md': [
      {
        replicas: 1,
        image: 'quay.io/k0sproject/k0s',
        version: 'v1.27.1-k0s.0',
        service: { type: 'NodePort', apiPort: 30443, konnectivityPort: 30132 },
        persistence: { type: 'emptyDir' },
      },
    ],
    'docs/etcd.md': [
      {
        replicas: 3,
        storage: { type: 'etcd', etcd: { args: ['--auto-compaction-mode=periodic', '--snapshot-count=20000'] } },
      },
      {
        storage: {
          type: 'etcd',
          etcd: {
            defragJob: {
              enabled: true,
              schedule: '0 0 * * *',
              rule: 'dbQuotaUsage > 0.5 || dbSize - dbSizeInUse > 200*1024*1024',
            },
          },
        },
      },
    ],
    'docs/ha.md': [
      kine({ dataSourceURL: 'postgres://k0smotron:secret@acid-minimal-cluster.default:5432/kine?sslmode=disable' }),
      kine({ dataSourceSecretName: 'database-credentials' }),
    ],
    'docs/hcp-autoscaling.md': [
      {
        replicas: 1,
        version: 'v1.31.5-k0s.0',
        service: { type: 'NodePort' },
        resources: { requests: { cpu: '100m', memory: '100Mi' } },
      },
    ],
    'docs/ingress-support.md': [{ version: 'v1.34.1-k0s.0', ingress }],
    'docs/monitoring.md': [{ monitoring: { enabled: true } }],
    'docs/nats.md': [{ replicas: 1, storage: { type: 'nats' } }],
    'docs/advanced/components.md': [
      {
        version: 'v1.34.3-k0s.0',
        patches: [patch('cluster-config', 'ConfigMap', 'merge', 'metadata: {labels: {custom-label: my-value}}')],
      },
    ],
  }),
  ...published('JoinTokenRequest', {
    'v1beta1 docs/join-nodes.md': [{ clusterRef: { name: 'my-cluster', namespace: 'default' }, expiry: '1h' }],
  }),
  ...published('K0smotronControlPlane', {
    'docs/capi-controlplane.md': [
      { version: 'v1.27.2-k0s.0', persistence: { type: 'emptyDir' }, service: loadBalancer },
    ],
    'docs/capi-openstack.md': [
      {
        image: 'ghcr.io/k0sproject/k0s:v1.32.6-k0s.0',
        controlPlaneFlags: ['--enable-cloud-provider=true', '--debug=true'],
        storage: { type: 'etcd', etcd: { autoDeletePVCs: false, image: etcdImage, persistence: { size: '1Gi' } } },
        replicas: 1,
        k0sConfig: config({
          network: {
            provider: 'calico',
            calico: { mode: 'vxlan' },
            podCIDR: '10.244.0.0/16',
            serviceCIDR: '10.96.0.0/12',
            clusterDomain: 'cluster.local',
          },
          extensions: { helm: { charts: [chart('openstack-ccm', 'secret:\n  enabled: true\n')] } },
        }),
      },
    ],
    'docs/ingress-support.md': [{ version: 'v1.34.1-k0s.0', ingress }],
    'docs/update/update-cluster-pod.md': [
      { version: 'v1.27.2-k0s.0', persistence: { type: 'hostPath', hostPath: '/tmp/kmc-test' } },
    ],
    'docs/advanced/components.md': [
      {
        version: 'v1.34.3-k0s.0',
        service: { type: 'LoadBalancer' },
        patches: [
          patch('control-plane', 'StatefulSet', 'strategic', 'spec: {template: {spec: {priorityClassName: high}}}'),
          patch('etcd', 'StatefulSet', 'json', '[{"op": "add", "path": "/metadata/labels/a", "value": "b"}]'),
          patch('control-plane', 'Service', 'merge', 'metadata: {annotations: {example.com/managed-by: k0smotron}}'),
        ],
      },
    ],
    'v1beta1 e2e/data/infrastructure-docker/main': [
      {
        version: 'v1.30.1-k0s.0',
        replicas: 1,
        persistence: { type: 'emptyDir' },
        service: { type: 'NodePort', apiPort: 31443 },
        k0sConfig: config({ telemetry: { enabled: false } }),
      },
      {
        version: 'v1.36.2-k0s.0',
        ingress: { ...ingress, className: undefined, port: 443 },
        k0sConfig: config({ api: { extraArgs: { 'anonymous-auth': 'true' } } }),
      },
    ],
  }),
  ...published('K0smotronControlPlaneTemplate', {
    'docs/capi-examples/cilium-kube-proxy-replacement.md': [
      {
        template: {
          spec: {
            version: 'v1.31.5-k0s.0',
            service: loadBalancer,
            k0sConfig: config({
              network: { provider: 'custom', kubeProxy: { disabled: true } },
              extensions: {
                helm: {
                  repositories: [{ name: 'cilium', url: 'https://helm.cilium.io/' }],
                  charts: [chart('cilium', 'kubeProxyReplacement: true\n')],
                },
              },
            }),
          },
        },
      },
    ],
  }),
];
