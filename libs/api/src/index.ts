export { convert } from './conversion/convert.ts';
export { k0sConfigSpecToV1beta2 } from './conversion/k0s-config.ts';
export type { JsonObject } from './conversion/json.ts';
export { Cluster, Machine, MachineDeployment, MachineSet } from './foreign/cluster-api.ts';
export type { MachineSetSpec, MachineSetStatus, MachineSpec, TemplateMetadata } from './foreign/cluster-api.ts';
export { ClusterConfig, ControlNode, EtcdMember, Plan } from './foreign/k0s.ts';
export type { PlanCommandStatus } from './foreign/k0s.ts';
export {
  ConfigMap,
  CustomResourceDefinition,
  Job,
  KubeEvent,
  Lease,
  Namespace,
  Node,
  Secret,
} from './foreign/kubernetes.ts';
export type { JobSpec } from './generated/job-spec.ts';
export {
  EtcdRestore,
  EtcdSnapshot,
  EtcdSnapshotSchedule,
  K0sControllerConfig,
  K0sControlPlane,
  K0sControlPlaneTemplate,
  K0sWorkerConfig,
  K0sWorkerConfigTemplate,
  PooledRemoteMachine,
  RemoteCluster,
  RemoteClusterTemplate,
  RemoteMachine,
  RemoteMachineTemplate,
  SnapshotStore,
} from './generated/kinds.ts';
export type {
  ApiEndpoint,
  BootstrapConfigStatus,
  CapiMetadata,
  ContentSource,
  ContractReference,
  ControlPlaneReference,
  EmbeddedMetadata,
  EtcdRestoreSpec,
  EtcdRestoreStatus,
  EtcdSnapshotScheduleSpec,
  EtcdSnapshotScheduleStatus,
  EtcdSnapshotSpec,
  EtcdSnapshotStatus,
  File,
  IgnitionSpec,
  K0sConfigSpec,
  K0sControllerConfigSpec,
  K0sControlPlaneSpec,
  K0sControlPlaneStatus,
  K0sControlPlaneTemplateResourceSpec,
  K0sControlPlaneTemplateSpec,
  K0sWorkerConfigSpec,
  K0sWorkerConfigTemplateSpec,
  LocalReference,
  MachineAddress,
  MachineDeletionSpec,
  MachineTemplate,
  MachineTemplateResource,
  ObjectKeyReference,
  ObjectReference,
  PooledMachineSpec,
  PooledRemoteMachineSpec,
  PooledRemoteMachineStatus,
  ProvisionerSpec,
  ProvisionJob,
  RemoteClusterSpec,
  RemoteClusterStatus,
  RemoteClusterTemplateSpec,
  RemoteMachineSpec,
  RemoteMachineStatus,
  RemoteMachineTemplateSpec,
  RemoteMachineTemplateStatus,
  RetentionSpec,
  S3StoreSpec,
  SecretMetadata,
  SecretReference,
  SnapshotStoreSpec,
  SnapshotStoreStatus,
  TunnelingSpec,
} from './generated/kinds.ts';
export { annotations } from './names/annotations.ts';
export { conditionTypes, reasons } from './names/conditions.ts';
export { finalizers } from './names/finalizers.ts';
export { labels } from './names/labels.ts';
