import { celRules, dateTime, defineKind, typeName, z } from '@k0smotron/crd';
import { secretMetadata } from '../declarations/fields/meta.ts';
import { bothVersions, categories, contractLabels, groups, type ApiVersionName } from '../declarations/versions.ts';
import {
  checkedVersion,
  controlPlaneConfig,
  noRecreateOfSingle,
  oneVersionRule,
  singleStaysAlone,
  someVersionRule,
  updateStrategy,
  versionFields,
} from './fields.ts';
import { controlPlaneColumns, controlPlaneStatus } from './control-plane-status.ts';
import { machineTemplate } from './machine-template.ts';

const seconds = (what: string) => z.int32().min(0).optional().describe(what);

/** The fields of Cluster API's own control plane. */
const remediation = () =>
  z
    .object({
      maxRetry: z
        .int32()
        .min(0)
        .optional()
        .describe('How often the machine in place of a failed one may fail and be replaced too; no limit unless told.'),
      retryPeriodSeconds: seconds('Time from one such replacement to the next.'),
      minHealthyPeriodSeconds: seconds(
        'A machine that lives this long is no retry when it fails; an hour unless told.',
      ),
    })
    .meta({ ...typeName('K0sControlPlaneRemediation'), minProperties: 1 })
    .optional()
    .describe('How machines that a MachineHealthCheck gave up are replaced.');

const spec = (version: ApiVersionName) =>
  z
    .object({
      k0sConfigSpec: controlPlaneConfig(version),
      machineTemplate: machineTemplate().describe('The machines of the control plane.'),
      replicas: z.int32().min(1).default(1).describe('Controllers wanted; an odd number, so that etcd keeps quorum.'),
      updateStrategy: updateStrategy(),
      ...(version === 'v1beta1'
        ? versionFields(version)
        : { version: checkedVersion('k0s version, for example v1.34.4+k0s.0.') }),
      rollout: z
        .object({ after: dateTime().optional().describe('Machines older than this are replaced once it has passed.') })
        .optional()
        .describe('Asks for a rollout.'),
      remediation: remediation(),
      kubeconfigSecretMetadata: secretMetadata().describe('Labels and annotations of the kubeconfig Secrets.'),
    })
    .meta({
      ...typeName('K0sControlPlaneSpec'),
      ...celRules(
        noRecreateOfSingle,
        singleStaysAlone,
        ...(version === 'v1beta1' ? [oneVersionRule, someVersionRule] : []),
      ),
    });

/** A control plane on machines. */
export const K0sControlPlane = defineKind({
  group: groups.controlPlane,
  kind: 'K0sControlPlane',
  plural: 'k0scontrolplanes',
  categories,
  labels: contractLabels('control-plane'),
  summary: 'K0sControlPlane is a set of machines that run k0s controllers.',
  versions: bothVersions({
    spec,
    status: (version) => controlPlaneStatus(version, 'Machines').meta(typeName('K0sControlPlaneStatus')),
    scale: true,
    columns: controlPlaneColumns,
  }),
});
