export { applyManifests } from './cluster/apply.ts';
export {
  clusterKey,
  conditionOf,
  followControllers,
  prepareGround,
  waitForCondition,
  waitForControllers,
  waitForNodes,
  workloadClient,
  type Ground,
} from './cluster/lab-cluster.ts';
export {
  controlPlaneManifests,
  machineDeploymentManifests,
  pooledMachines,
  sample,
  singleWorkerManifests,
  sshKeySecret,
  withField,
  type LabValues,
  type Manifest,
} from './cluster/manifests.ts';
export { ensureBundles } from './demo/ensure-bundles.ts';
export {
  launchService,
  startService,
  type LifeOptions,
  type RunningService,
  type ServicePlace,
} from './system/start-service.ts';
export { systemNamespace } from './system/service-account.ts';
export { services, type ServiceName } from './system/services.ts';
export { startSystem, type System, type SystemOptions } from './system/start-system.ts';
export { startAgain, stopAtOnce } from './cluster/services-at-once.ts';
export { membersOn } from './cluster/etcd-members.ts';
export { bootstrapData, hostsCluster, ownerMachine, remoteMachine } from './remote-machine/objects.ts';
export {
  differences,
  inDefault,
  pictureOf,
  waitFor,
  waitProvisioned,
  waitSettled,
  type Picture,
} from './remote-machine/observe.ts';
export { poolHosts } from './remote-machine/pool.ts';
export { repository } from './system/repository.ts';
export { countRequests, type RequestClass, type RequestCounter } from './rights-minimal-requests.ts';
