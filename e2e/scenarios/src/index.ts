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
export { startSystem, type System, type SystemOptions } from './system/start-system.ts';
