/** On a hosted Cluster while its pods may run (the original's name). */
export const clusterFinalizer = 'k0smotron.io/finalizer';

/** On K0smotronControlPlane while its hosted Cluster is there (the original's name). */
export const controlPlaneFinalizer = 'k0smotron.controlplane.cluster.x-k8s.io';

/** On JoinTokenRequest while its token may be good (the original's name). */
export const joinTokenFinalizer = 'jointokenrequests.k0smotron.io/finalizer';

/** On generated objects: hash of what was applied last, so that the same is not applied again. */
export const appliedHashAnnotation = 'k0smotron.io/applied-hash';

/**
 * On a hosted Cluster: id of its etcd, written once all its members were seen healthy together. A durable fact (SR-1): from
 * then on no member may begin a new, empty etcd.
 */
export const etcdClusterIdAnnotation = 'k0smotron.io/etcd-cluster-id';

/** Selects everything that hosted planes are made of. */
export const hostedSelector = 'app=k0smotron';
