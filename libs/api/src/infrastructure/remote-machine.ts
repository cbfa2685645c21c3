import { coreType, defineKind, typeName, z } from '@k0smotron/crd';
import { conditions, embeddedMetadata, secretReference } from '../declarations/fields/meta.ts';
import { machineAddresses, provisioned } from '../declarations/fields/status.ts';
import {
  bothVersions,
  categories,
  columns,
  contractLabels,
  groups,
  type ApiVersionName,
} from '../declarations/versions.ts';

/** A Job that provisions a machine instead of our own SSH connection. */
export const provisionJob = () =>
  z
    .object({
      sshCommand: z.string().default('ssh').describe('Command that runs a remote command in the generated script.'),
      scpCommand: z.string().default('scp').describe('Command that copies a file in the generated script.'),
      jobSpecTemplate: z
        .object({
          metadata: embeddedMetadata().describe('Metadata of the Job.'),
          spec: coreType('batch/v1', 'JobSpec')
            .optional()
            .describe('Spec of the Job; its first container gets the script as arguments.'),
        })
        .optional()
        .describe('What the Job looks like.'),
    })
    .meta(typeName('ProvisionJob'))
    .optional()
    .describe('Runs a Job instead of the built-in SSH, for example for Teleport. Stored; its behaviour comes later.');

/** Connection fields that RemoteMachine and PooledRemoteMachine share. */
export const connectionFields = (version: ApiVersionName) => {
  const cleanUp = z
    .array(z.string())
    .optional()
    .describe('Commands for deletion, instead of the default `k0s stop` and `k0s reset`.');
  return {
    port: z.int32().min(1).max(65535).default(22).describe('SSH port.'),
    user: z.string().default('root').describe('SSH user.'),
    useSudo: z
      .boolean()
      .optional()
      .describe('Runs commands and uploads through sudo. Unset and not root: passwordless sudo is tried and used.'),
    commandsAsScript: z.boolean().default(false).describe('Uploads all commands as one script and runs it once.'),
    workingDir: z.string().default('/etc/k0smotron').describe('Folder on the host for our scripts and journal.'),
    ...(version === 'v1beta1' ? { customCleanUpCommands: cleanUp } : { cleanUpCommands: cleanUp }),
  };
};

const spec = (version: ApiVersionName) =>
  z
    .object({
      pool: z.string().optional().describe('Takes a free PooledRemoteMachine of this pool, in the same namespace.'),
      providerID: z
        .string()
        .optional()
        .describe('Identity of the machine, written by us before it counts as provisioned.'),
      address: z.string().optional().describe('Host name or address for SSH; filled from the pool.'),
      ...connectionFields(version),
      sshKeyRef: secretReference().optional().describe('The SSH private key; filled from the pool.'),
      provisionJob: provisionJob(),
    })
    .meta(typeName('RemoteMachineSpec'))
    .default({} as never);

const failure = {
  failureReason: z.string().optional().describe('Why provisioning failed, in one word.'),
  failureMessage: z.string().optional().describe('Why provisioning failed.'),
};

const status = (version: ApiVersionName) =>
  z
    .object({
      ...(version === 'v1beta1'
        ? { ready: z.boolean().optional().describe('The machine is provisioned.'), ...failure }
        : { initialization: provisioned('The machine is provisioned.') }),
      addresses: machineAddresses(),
      failureDomain: z.string().optional().describe('Where the machine landed. Stored; not filled by us yet.'),
      interruptible: z
        .boolean()
        .optional()
        .describe('The machine may vanish at any time. Stored; not filled by us yet.'),
      conditions: conditions(),
      ...(version === 'v1beta2' && {
        deprecated: z
          .object({ v1beta1: z.object(failure).optional().describe('Fields that only v1beta1 has.') })
          .optional()
          .describe('Fields of older contracts.'),
      }),
    })
    .meta(typeName('RemoteMachineStatus'));

/** One machine reached over SSH. */
export const RemoteMachine = defineKind({
  group: groups.infrastructure,
  kind: 'RemoteMachine',
  plural: 'remotemachines',
  categories,
  labels: contractLabels('infrastructure'),
  summary: 'RemoteMachine is one machine that answers SSH: given by its address, or taken from a pool.',
  versions: bothVersions({
    spec,
    status,
    v1beta1Deprecated: true,
    columns: () => [
      columns.cluster,
      { name: 'Pool', path: '.spec.pool' },
      { name: 'Address', path: '.spec.address' },
      columns.ready,
      columns.reason,
      columns.age,
      { name: 'ProviderID', path: '.spec.providerID', priority: 1 },
      columns.message,
    ],
  }),
});
