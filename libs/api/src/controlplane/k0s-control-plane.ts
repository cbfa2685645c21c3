import { celRules, dateTime, defineKind, typeName, z } from '@k0smotron/crd';
import { conditions, secretMetadata } from '../declarations/fields/meta.ts';
import { initializationNotEmpty, runningVersions } from '../declarations/fields/status.ts';
import {
  bothVersions,
  categories,
  columns,
  contractLabels,
  groups,
  type ApiVersionName,
} from '../declarations/versions.ts';
import {
  checkedVersion,
  controlPlaneConfig,
  noRecreateOfSingle,
  oneVersionRule,
  someVersionRule,
  updateStrategy,
  versionFields,
} from './fields.ts';
import { machineTemplate } from './machine-template.ts';

const spec = (version: ApiVersionName) =>
  z
    .object({
      k0sConfigSpec: controlPlaneConfig(version),
      machineTemplate: machineTemplate().describe('The machines of the control plane.'),
      replicas: z.int32().default(1).describe('Controllers wanted; an odd number, so that etcd keeps quorum.'),
      updateStrategy: updateStrategy(),
      ...(version === 'v1beta1'
        ? versionFields(version)
        : { version: checkedVersion('k0s version, for example v1.34.4+k0s.0.') }),
      rollout: z
        .object({ after: dateTime().optional().describe('Machines older than this are replaced once it has passed.') })
        .optional()
        .describe('Asks for a rollout. Stored; its behaviour comes later.'),
      kubeconfigSecretMetadata: secretMetadata().describe('Labels and annotations of the kubeconfig Secrets.'),
    })
    .meta({
      ...typeName('K0sControlPlaneSpec'),
      ...celRules(noRecreateOfSingle, ...(version === 'v1beta1' ? [oneVersionRule, someVersionRule] : [])),
    });

const counter = (what: string) => z.int32().optional().describe(what);

const initialized = {
  controlPlaneInitialized: z.boolean().optional().describe('The API has answered once; never goes back.'),
};

const v1beta1Fields = () => ({
  ready: z.boolean().optional().describe('At least one controller is ready.'),
  initialized: z.boolean().optional().describe('The API has answered once; never goes back.'),
  initialization: z.object(initialized).optional().describe('What Cluster API waits for.'),
  updatedReplicas: counter('Controllers that are as the spec wants them.'),
  unavailableReplicas: counter('Controllers that are missing or do not answer.'),
});

const v1beta2Fields = () => ({
  initialization: initializationNotEmpty(initialized),
  availableReplicas: counter('Controllers that have been ready long enough.'),
  upToDateReplicas: counter('Controllers that are as the spec wants them.'),
});

const status = (version: ApiVersionName) =>
  z
    .object({
      ...(version === 'v1beta1' ? v1beta1Fields() : v1beta2Fields()),
      externalManagedControlPlane: z.boolean().optional().describe('Controllers have no Node objects.'),
      replicas: counter('Controllers that exist and are not being deleted.'),
      readyReplicas: counter('Controllers whose etcd member and API server answer.'),
      version: z.string().optional().describe('Lowest version that runs, in the notation of spec.version.'),
      versions: runningVersions(),
      selector: z.string().optional().describe('Selects the Machines of the control plane, for scale.'),
      conditions: conditions(),
    })
    .meta(typeName('K0sControlPlaneStatus'));

const counterColumns = (version: ApiVersionName) =>
  version === 'v1beta1'
    ? ([
        { name: 'Updated', path: '.status.updatedReplicas', type: 'integer' },
        { name: 'Unavailable', path: '.status.unavailableReplicas', type: 'integer' },
      ] as const)
    : ([
        { name: 'UpToDate', path: '.status.upToDateReplicas', type: 'integer' },
        { name: 'Available', path: '.status.availableReplicas', type: 'integer' },
      ] as const);

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
    status,
    scale: true,
    columns: (version) => [
      columns.cluster,
      ...(version === 'v1beta1'
        ? [{ name: 'API Server Available', path: '.status.ready', type: 'boolean' } as const]
        : []),
      { name: 'Desired', path: '.spec.replicas', type: 'integer', priority: 10 },
      { name: 'Replicas', path: '.status.replicas', type: 'integer' },
      { name: 'Ready', path: '.status.readyReplicas', type: 'integer' },
      ...counterColumns(version),
      columns.age,
      { name: 'Version', path: '.spec.version' },
    ],
  }),
});
