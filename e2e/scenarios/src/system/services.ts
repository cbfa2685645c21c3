/** The four services and the API groups whose CRDs (and so conversion) they own (design.md). */
export const services = [
  { name: 'infrastructure', groups: ['infrastructure.cluster.x-k8s.io'] },
  { name: 'bootstrap', groups: ['bootstrap.cluster.x-k8s.io'] },
  { name: 'control-plane', groups: ['controlplane.cluster.x-k8s.io', 'k0smotron.io'] },
  { name: 'etcd-snapshot', groups: ['etcd.k0smotron.io'] },
] as const;

/** Name of one of the four services. */
export type ServiceName = (typeof services)[number]['name'];
