export { flagValue, isSingle, mergeArgs, runsWorker, type MergeArgsOptions } from './arguments.ts';
export {
  controllerPlan,
  isSingleController,
  workerPlan,
  type BootstrapSettings,
  type ControllerPki,
  type ControllerStart,
  type MachineFile,
  type MachinePlan,
  type PemPair,
} from './bootstrap.ts';
export { judgePlan, type PlanVerdict } from './autopilot/judge-plan.ts';
export {
  planProgress,
  type PlanCommandView,
  type PlanProgress,
  type PlanTargetView,
  type PlanView,
} from './autopilot/plan-progress.ts';
export { planId, planName, updatePlanSpec, type NodeUpdate, type UpdatePlanSpec } from './autopilot/update-plan.ts';
export { readableArgs, settingsFindings, type CheckedSettings, type SettingsOf } from './check/bootstrap-settings.ts';
export { clusterConfigFindings } from './check/cluster-config.ts';
export type { CheckedFile, CheckedSource } from './check/files.ts';
export { skewFindings, spellingFindings, versionFindings, type RunningVersions } from './check/versions.ts';
export {
  installControllerCommand,
  installWorkerCommand,
  sentinelCommand,
  startCommand,
  type ControllerInstallOptions,
  type WorkerInstallOptions,
} from './commands.ts';
export {
  k0sApiPort,
  managesEtcd,
  renderControllerConfig,
  renderDynamicConfig,
  type ControllerConfigOptions,
  type JsonObject,
} from './config.ts';
export { downloadCommands, type DownloadOptions } from './download.ts';
export {
  bootstrapTokenSecret,
  bootstrapTokenSecretName,
  decodeJoinToken,
  encodeJoinToken,
  joinTokenLifetimeMs,
  newBootstrapToken,
  tokenExpiration,
  tokenExtension,
  type BootstrapToken,
  type BootstrapTokenSecret,
  type BootstrapTokenSecretOptions,
  type JoinRole,
  type JoinToken,
} from './join-token.ts';
export { hostPaths, sentinelPath, type HostPaths, type PathSettings } from './paths.ts';
export { shellJoin, shellQuote } from './shell.ts';
export {
  canonicalVersion,
  compareVersions,
  floors,
  imageTag,
  inSpellingOf,
  kubeletVersion,
  kubernetesVersion,
  parseVersion,
  reportFits,
  sameVersion,
  upgradeProblem,
  versionAtLeast,
  type K0sVersion,
} from './version.ts';
