/** The four services and the API groups whose CRDs (and so conversion) they own (design.md). */
export const services = [
  { name: 'infrastructure', group: 'infrastructure.cluster.x-k8s.io' },
  { name: 'bootstrap', group: 'bootstrap.cluster.x-k8s.io' },
  { name: 'control-plane', group: 'controlplane.cluster.x-k8s.io' },
  { name: 'etcd-snapshot', group: 'etcd.k0smotron.io' },
] as const;

/** Name of one of the four services. */
export type ServiceName = (typeof services)[number]['name'];
