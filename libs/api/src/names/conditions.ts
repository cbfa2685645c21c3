/** Condition types that we write or read. */
export const conditionTypes = {
  ready: 'Ready',
  available: 'Available',
  paused: 'Paused',
  deleting: 'Deleting',
  /** Bootstrap configurations. */
  dataSecretAvailable: 'DataSecretAvailable',
  /** RemoteMachine. */
  bootstrapExecSucceeded: 'BootstrapExecSucceeded',
  hostReserved: 'HostReserved',
  hostReachable: 'HostReachable',
  cleanUpSucceeded: 'CleanUpSucceeded',
  /** K0sControlPlane. */
  initialized: 'Initialized',
  certificatesAvailable: 'CertificatesAvailable',
  etcdClusterHealthy: 'EtcdClusterHealthy',
  controlPlaneComponentsHealthy: 'ControlPlaneComponentsHealthy',
  /** The k0s configuration that the whole cluster shares was applied to it. */
  sharedConfigApplied: 'SharedConfigApplied',
  machinesReady: 'MachinesReady',
  machinesUpToDate: 'MachinesUpToDate',
  rollingOut: 'RollingOut',
  scalingUp: 'ScalingUp',
  scalingDown: 'ScalingDown',
  remediating: 'Remediating',
  /** A sister service or its kinds cannot be reached (SR-18). */
  dependencyUnavailable: 'DependencyUnavailable',
  /** The combination of kinds and settings is one that we do not support (SR-6). */
  notSupported: 'NotSupported',
  /** On Cluster API's own kinds. */
  infrastructureReady: 'InfrastructureReady',
  controlPlaneInitialized: 'ControlPlaneInitialized',
  controlPlaneAvailable: 'ControlPlaneAvailable',
  upToDate: 'UpToDate',
  ownerRemediated: 'OwnerRemediated',
  healthCheckSucceeded: 'HealthCheckSucceeded',
  nodeHealthy: 'NodeHealthy',
  updating: 'Updating',
  /** On control-plane Machines, written by K0sControlPlane: the etcd member is a started, healthy voter. */
  etcdMemberHealthy: 'EtcdMemberHealthy',
  /** On control-plane Machines, written by K0sControlPlane: the API server on that host answers. */
  apiServerHealthy: 'APIServerHealthy',
  /** On EtcdMember of k0s. */
  joined: 'Joined',
} as const;

/** Condition reasons: the original's words where it had one. */
export const reasons = {
  available: 'Available',
  internalError: 'InternalError',
  ready: 'Ready',
  notReady: 'NotReady',
  paused: 'Paused',
  notPaused: 'NotPaused',
  deleting: 'Deleting',
  notDeleting: 'NotDeleting',
  waitingForInfrastructure: 'WaitingForInfrastructure',
  waitingForControlPlaneInitialization: 'WaitingForControlPlaneInitialization',
  waitingForBootstrapData: 'WaitingForBootstrapData',
  waitingForPreTerminateHook: 'WaitingForPreTerminateHook',
  waitingForWorkersDeletion: 'WaitingForWorkersDeletion',
  waitingForRemediation: 'WaitingForRemediation',
  remediationFailed: 'RemediationFailed',
  dataSecretGenerationFailed: 'DataSecretGenerationFailed',
  bootstrapExecSucceeded: 'BootstrapExecSucceeded',
  scalingUp: 'ScalingUp',
  notScalingUp: 'NotScalingUp',
  scalingDown: 'ScalingDown',
  notScalingDown: 'NotScalingDown',
  rollingOut: 'RollingOut',
  notRollingOut: 'NotRollingOut',
  upToDate: 'UpToDate',
  notUpToDate: 'NotUpToDate',
  updating: 'Updating',
  provisionFailed: 'ProvisionFailed',
} as const;
