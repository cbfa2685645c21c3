import { controlPlaneStatusRules, versionRule } from './control-plane.ts';
import { failureDomainsRule } from './failure-domains.ts';
import { nested, onlyInV1beta2, renamed } from './generic-rules.ts';
import { configRules, controllerConfigRules } from './k0s-config.ts';
import type { Rule } from './rule.ts';

const infrastructure = 'infrastructure.cluster.x-k8s.io';
const bootstrap = 'bootstrap.cluster.x-k8s.io';
const controlPlane = 'controlplane.cluster.x-k8s.io';

const dataSecretCreated = nested(['status', 'ready'], ['status', 'initialization', 'dataSecretCreated']);
const provisioned = nested(['status', 'ready'], ['status', 'initialization', 'provisioned']);
const failureReason = nested(['status', 'failureReason'], ['status', 'deprecated', 'v1beta1', 'failureReason']);
const failureMessage = nested(['status', 'failureMessage'], ['status', 'deprecated', 'v1beta1', 'failureMessage']);
const template = ['spec', 'template', 'spec'];

/** What differs between v1beta1 and v1beta2, by `Kind.group`; no rules: the versions are alike. */
export const rulesByKind: ReadonlyMap<string, readonly Rule[]> = new Map<string, readonly Rule[]>([
  [`K0sWorkerConfig.${bootstrap}`, [...configRules(['spec']), dataSecretCreated]],
  [`K0sWorkerConfigTemplate.${bootstrap}`, configRules(template)],
  [`K0sControllerConfig.${bootstrap}`, [...controllerConfigRules(['spec']), dataSecretCreated]],
  [
    `K0sControlPlane.${controlPlane}`,
    [...controllerConfigRules(['spec', 'k0sConfigSpec']), versionRule(['spec']), ...controlPlaneStatusRules],
  ],
  [
    `K0sControlPlaneTemplate.${controlPlane}`,
    [...controllerConfigRules([...template, 'k0sConfigSpec']), versionRule(template)],
  ],
  [
    `RemoteMachine.${infrastructure}`,
    [
      renamed(['spec', 'customCleanUpCommands'], ['spec', 'cleanUpCommands']),
      provisioned,
      failureReason,
      failureMessage,
    ],
  ],
  [`RemoteMachineTemplate.${infrastructure}`, []],
  [
    `PooledRemoteMachine.${infrastructure}`,
    [
      renamed(['spec', 'machine', 'customCleanUpCommands'], ['spec', 'machine', 'cleanUpCommands']),
      onlyInV1beta2(['status', 'conditions']),
    ],
  ],
  [`RemoteCluster.${infrastructure}`, [provisioned, failureDomainsRule]],
  [`RemoteClusterTemplate.${infrastructure}`, []],
]);
