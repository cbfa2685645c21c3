/** Field manager of this service's writes. */
export const fieldManager = 'k0smotron-control-plane';

/** The index of Machines by the Cluster they belong to. */
export const byCluster = 'cluster';

/** Number of the next machine of a control plane: raised only after a machine of that number is there. */
export const nextMachineAnnotation = 'controlplane.k0smotron.io/next-machine';

/** Port of the API server on every controller. */
export const apiPort = 6443;

/** Port on which etcd members talk to each other. */
export const etcdPeerPort = 2380;

/** On the Machine made in place of a failed one: the record of that remediation, in the form that Cluster API's own control plane gave it. */
export const remediationForAnnotation = 'controlplane.cluster.x-k8s.io/remediation-for';
