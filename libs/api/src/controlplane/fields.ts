import { celRules, z, type CelRule } from '@k0smotron/crd';
import { k0sConfigSpec } from '../declarations/fields/k0s-config.ts';
import type { ApiVersionName } from '../declarations/versions.ts';

const spelling: CelRule = {
  rule: "self.matches('^v?[0-9]+[.][0-9]+[.][0-9]+(-[0-9A-Za-z.~-]+)?([+][0-9A-Za-z.~-]+)?$')",
  message: 'not a k0s version: write for example v1.34.4+k0s.0',
};

const canManageMembers: CelRule = {
  rule: "!self.matches('^v?1[.]31[.]1($|[+-])')",
  message: 'k0s 1.31.1 cannot manage etcd members: write v1.31.2+k0s.0 or later',
};

const oneMinorAtATime: CelRule = {
  rule:
    "!self.matches('^v?[0-9]+[.][0-9]+($|[.])') || !oldSelf.matches('^v?[0-9]+[.][0-9]+($|[.])') || " +
    "int(self.split('.')[1].split('+')[0]) - int(oldSelf.split('.')[1].split('+')[0]) <= 1",
  message: 'a control plane is updated by one minor version at a time: write the next minor version',
};

const k0sVersion = (what: string, ...rules: readonly CelRule[]) =>
  z
    .string()
    .min(1)
    .max(128)
    .meta(celRules(...rules))
    .describe(what);

/** A k0s version that is checked as the original's webhook did. */
export const checkedVersion = (what: string) => k0sVersion(what, spelling, canManageMembers, oneMinorAtATime);

/** The version of hosted controllers, whose etcd is not k0s's own: any release will do. */
export const hostedVersion = (what: string) => k0sVersion(what, spelling, oneMinorAtATime);

/** v1beta1 also takes the name that the field had up to v0.8 (SR-16). */
export const versionFields = (version: ApiVersionName) =>
  version === 'v1beta1'
    ? {
        version: checkedVersion('k0s version, for example v1.34.4+k0s.0.').optional(),
        k0sVersion: checkedVersion('Old name of `version`, still taken. Write only one of the two.').optional(),
      }
    : {};

/** Refuses two different versions in one v1beta1 object (SR-16). */
export const oneVersionRule: CelRule = {
  rule: '!has(self.version) || !has(self.k0sVersion) || self.version == self.k0sVersion',
  message: 'spec.version and spec.k0sVersion differ: write only spec.version',
};

/** v1beta1 cannot say "required" for a field with two names. */
export const someVersionRule: CelRule = {
  rule: 'has(self.version) || has(self.k0sVersion)',
  message: 'spec.version is required: write for example v1.34.4+k0s.0',
};

/** How an update goes. */
export const updateStrategy = () =>
  z
    .enum(['InPlace', 'Recreate', 'RecreateDeleteFirst'])
    .default('InPlace')
    .describe(
      'InPlace updates k0s on the machines, Recreate makes a new machine before each old one goes, RecreateDeleteFirst deletes first (3 or more replicas).',
    );

/** Recreate adds a member before one goes, which a single-node control plane cannot do. */
export const noRecreateOfSingle: CelRule = {
  rule:
    "!has(self.updateStrategy) || self.updateStrategy != 'Recreate' || !has(self.k0sConfigSpec.args) || " +
    "!('--single' in self.k0sConfigSpec.args || '--single=true' in self.k0sConfigSpec.args)",
  message:
    'a control plane with --single cannot be recreated: write updateStrategy InPlace, or take --single out of args',
};

/** The webhook sees to it that none is made so; this rule also sees `kubectl scale`, which the webhook does not. */
export const singleStaysAlone: CelRule = {
  rule:
    'self.replicas <= 1 || self.replicas <= oldSelf.replicas || !has(self.k0sConfigSpec.args) || ' +
    "!('--single' in self.k0sConfigSpec.args || '--single=true' in self.k0sConfigSpec.args)",
  message: '--single makes a cluster of one controller: write replicas 1, or take --single out of args',
};

const linuxOnly: CelRule = {
  rule: "!has(self.provisioner) || (self.provisioner.platform != 'windows' && !self.provisioner.type.startsWith('powershell'))",
  message: 'controllers run on Linux only: write provisioner.platform linux and type cloud-config or ignition',
};

/** `k0sConfigSpec` of a control plane. */
export const controlPlaneConfig = (version: ApiVersionName) => {
  const config = k0sConfigSpec(version);
  return (version === 'v1beta2' ? config.meta(celRules(linuxOnly)) : config).describe(
    'Bootstrap settings of every control-plane machine.',
  );
};
