import { controlPlaneStatusRules, versionRule } from './control-plane.ts';
import { clusterReferenceRule } from './cluster-reference.ts';
import { failureDomainsRule } from './failure-domains.ts';
import { nested, onlyInV1beta2, renamed } from './generic-rules.ts';
import { hostedClusterRules } from './hosted-cluster.ts';
import { configRules, controllerConfigRules } from './k0s-config.ts';
import type { Rule } from './rule.ts';

const infrastructure = 'infrastructure.cluster.x-k8s.io';
const bootstrap = 'bootstrap.cluster.x-k8s.io';
const controlPlane = 'controlplane.cluster.x-k8s.io';
const standalone = 'k0smotron.io';

const dataSecretCreated = nested(['status', 'ready'], ['status', 'initialization', 'dataSecretCreated']);
const provisioned = nested(['status', 'ready'], ['status', 'initialization', 'provisioned']);
const deprecated = (name: string) => nested(['status', name], ['status', 'deprecated', 'v1beta1', name]);
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
  [`K0smotronControlPlane.${controlPlane}`, [...hostedClusterRules(['spec']), ...controlPlaneStatusRules]],
  [`K0smotronControlPlaneTemplate.${controlPlane}`, hostedClusterRules(template)],
  [
    `Cluster.${standalone}`,
    [
      ...hostedClusterRules(['spec']),
      deprecated('reconciliationStatus'),
      deprecated('ready'),
      onlyInV1beta2(['status', 'readyReplicas']),
      onlyInV1beta2(['status', 'updatedReplicas']),
    ],
  ],
  [
    `JoinTokenRequest.${standalone}`,
    [clusterReferenceRule, deprecated('reconciliationStatus'), deprecated('clusterUID')],
  ],
  [
    `RemoteMachine.${infrastructure}`,
    [
      renamed(['spec', 'customCleanUpCommands'], ['spec', 'cleanUpCommands']),
      provisioned,
      deprecated('failureReason'),
      deprecated('failureMessage'),
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
