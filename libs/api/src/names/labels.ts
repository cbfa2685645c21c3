/** Label keys that we read or write. */
export const labels = {
  /** Name of the Cluster API Cluster. */
  clusterName: 'cluster.x-k8s.io/cluster-name',
  /** Marks control-plane Machines and pods; empty on Machines, as core writes it. */
  controlPlane: 'cluster.x-k8s.io/control-plane',
  /** Name of the control-plane object, hashed where it is no label value (OR-4). */
  controlPlaneName: 'cluster.x-k8s.io/control-plane-name',
  /** Name of the MachineDeployment. */
  deploymentName: 'cluster.x-k8s.io/deployment-name',
  /** Name of the MachineSet. */
  setName: 'cluster.x-k8s.io/set-name',
  /** With `--watch-filter`: which manager looks at the object (P-07). */
  watchFilter: 'cluster.x-k8s.io/watch-filter',
  /** On objects that belong to a topology. */
  topologyOwned: 'topology.cluster.x-k8s.io/owned',
  /** Makes `clusterctl move` take an object and what it owns. */
  moveHierarchy: 'clusterctl.cluster.x-k8s.io/move-hierarchy',
  /** Makes `clusterctl move` take an object (SR-1). */
  move: 'clusterctl.cluster.x-k8s.io/move',
  /** On the CRD: versions that speak contract v1beta1. */
  contractV1beta1: 'cluster.x-k8s.io/v1beta1',
  /** On the CRD: versions that speak contract v1beta2. */
  contractV1beta2: 'cluster.x-k8s.io/v1beta2',
  /** `true` on control-plane Machines whose controller also runs a kubelet. */
  controlPlaneWorkerEnabled: 'k0smotron.io/control-plane-worker-enabled',
  /** On Nodes: the Machine's name. */
  machineName: 'k0smotron.io/machine-name',
  /** On join-token Secrets in the workload cluster: the Machine's name. */
  tokenFor: 'k0smotron.io/token-for',
  /** Pool of a PooledRemoteMachine, for selection. */
  pool: 'k0smotron.io/pool',
} as const;
