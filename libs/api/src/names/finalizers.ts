/** Finalizers that we hold. */
export const finalizers = {
  k0sControlPlane: 'k0s.controlplane.cluster.x-k8s.io',
  remoteMachine: 'remotemachine.k0smotron.io/finalizer',
  /** On PooledRemoteMachine while a machine holds the host. */
  pooledRemoteMachine: 'pooledremotemachine.k0smotron.io/finalizer',
  /** On bootstrap configurations until their join token is revoked. */
  joinToken: 'bootstrap.k0smotron.io/join-token',
} as const;
