/** A `spec` of k0s's ClusterConfig. */
export interface SpecCase {
  readonly what: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

const chart = { name: 'a', chartname: 'b', namespace: 'c' };

/** What k0s 1.34 takes. */
export const taken: readonly SpecCase[] = [
  { what: 'nothing', spec: {} },
  { what: 'nulls', spec: { api: null, network: { provider: null } } },
  {
    what: 'free maps',
    spec: { api: { extraArgs: { v: '2' } }, workerProfiles: [{ name: 'a', values: { any: { thing: [1] } } }] },
  },
  { what: 'whole numbers', spec: { api: { port: 6444, k0sApiPort: 9443 } } },
  { what: 'what Go takes as unset', spec: { api: { port: 0 }, images: { default_pull_policy: '' } } },
  { what: 'charts', spec: { extensions: { helm: { charts: [{ ...chart, order: 1, timeout: '1m' }, chart] } } } },
  { what: 'an image by digest', spec: { images: { coredns: { version: `1.2@sha256:${'0aF'.repeat(20)}` } } } },
  { what: 'a part of an image', spec: { images: { coredns: { image: 'a' }, pause: { version: null } } } },
];

/** What it takes too, though its CRD names other values, and the field that we warn of. */
export const takenWithWarning: readonly (SpecCase & { readonly field: string })[] = [
  { what: 'a mode that calico lacks', spec: { network: { calico: { mode: 'x' } } }, field: 'network.calico.mode' },
  {
    what: 'a way that nobody turns',
    spec: { network: { kuberouter: { hairpin: 'x' } } },
    field: 'network.kuberouter.hairpin',
  },
];

/** What k0s 1.34 refuses, and the one field that it is about. */
export const refused: readonly (SpecCase & { readonly field: string })[] = [
  { what: 'an unknown field', spec: { apii: {} }, field: 'apii' },
  {
    what: 'one deep down',
    spec: { extensions: { helm: { charts: [{ ...chart, nam: 'a' }] } } },
    field: 'extensions.helm.charts[0].nam',
  },
  { what: 'text for a number', spec: { api: { port: '6443' } }, field: 'api.port' },
  { what: 'a number for text', spec: { api: { extraArgs: { v: 2 } } }, field: 'api.extraArgs.v' },
  { what: 'text for a truth', spec: { telemetry: { enabled: 'yes' } }, field: 'telemetry.enabled' },
  { what: 'one text for a list', spec: { api: { sans: 'a' } }, field: 'api.sans' },
  { what: 'an unknown choice', spec: { network: { provider: 'cilium' } }, field: 'network.provider' },
  { what: 'a port that is none', spec: { api: { port: 70000 } }, field: 'api.port' },
  { what: 'a port below zero', spec: { konnectivity: { agentPort: -1 } }, field: 'konnectivity.agentPort' },
  {
    what: 'no port where Go tells it from none',
    spec: { konnectivity: { agentPort: 0 } },
    field: 'konnectivity.agentPort',
  },
  { what: 'an empty choice', spec: { network: { provider: '' } }, field: 'network.provider' },
  {
    what: 'a chart without a name',
    spec: { extensions: { helm: { charts: [{ ...chart, name: null }] } } },
    field: 'extensions.helm.charts[0].name',
  },
  {
    what: 'a chart with a name that fits only in part',
    spec: { extensions: { helm: { charts: [chart, { ...chart, name: 'My Chart' }] } } },
    field: 'extensions.helm.charts[1].name',
  },
  {
    what: 'a digest that is no number of base 16',
    spec: { images: { coredns: { version: `1.2@sha256:${'x'.repeat(64)}` } } },
    field: 'images.coredns.version',
  },
  { what: 'an image without a name', spec: { images: { coredns: { image: '' } } }, field: 'images.coredns.image' },
  { what: 'a profile without a name', spec: { workerProfiles: [{ values: {} }] }, field: 'workerProfiles[0].name' },
  {
    what: 'no endpoints of etcd',
    spec: { storage: { etcd: { externalCluster: { endpoints: [], etcdPrefix: 'a' } } } },
    field: 'storage.etcd.externalCluster.endpoints',
  },
  {
    what: 'a password that is too long',
    spec: {
      network: {
        controlPlaneLoadBalancing: {
          keepalived: { vrrpInstances: [{ authPass: 'more than 8', virtualIPs: ['192.0.2.1/24'] }] },
        },
      },
    },
    field: 'network.controlPlaneLoadBalancing.keepalived.vrrpInstances[0].authPass',
  },
];
