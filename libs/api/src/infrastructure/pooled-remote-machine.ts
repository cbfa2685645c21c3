import { defineKind, typeName, z } from '@k0smotron/crd';
import { conditions, secretReference } from '../declarations/fields/meta.ts';
import {
  bothVersions,
  categories,
  columns,
  contractLabels,
  groups,
  type ApiVersionName,
} from '../declarations/versions.ts';
import { connectionFields } from './remote-machine.ts';

const spec = (version: ApiVersionName) =>
  z
    .object({
      pool: z
        .string()
        .min(1)
        .describe('Name of the pool; a pool is all machines with the same text here, in one namespace.'),
      machine: z
        .object({
          address: z.string().min(1).describe('Host name or address for SSH.'),
          ...connectionFields(version),
          user: z.string().min(1).default('root').describe('SSH user.'),
          sshKeyRef: secretReference().describe('The SSH private key.'),
        })
        .meta(typeName('PooledMachineSpec'))
        .describe('How the machine is reached.'),
    })
    .meta(typeName('PooledRemoteMachineSpec'));

const status = (version: ApiVersionName) =>
  z
    .object({
      reserved: z
        .boolean()
        .optional()
        .describe('Taken. Only a mirror: the reservation itself is an annotation (SR-1).'),
      machineRef: z
        .object({
          name: z.string().describe('Name of the RemoteMachine.'),
          namespace: z.string().describe('Namespace of the RemoteMachine.'),
        })
        .optional()
        .describe('The RemoteMachine that uses the machine.'),
      ...(version === 'v1beta2' && { conditions: conditions() }),
    })
    .meta(typeName('PooledRemoteMachineStatus'));

/** A machine that waits in a pool. */
export const PooledRemoteMachine = defineKind({
  group: groups.infrastructure,
  kind: 'PooledRemoteMachine',
  plural: 'pooledremotemachines',
  categories,
  labels: contractLabels('infrastructure'),
  summary: 'PooledRemoteMachine is a machine that waits in a pool until a RemoteMachine takes it.',
  versions: bothVersions({
    spec,
    status,
    columns: () => [
      { name: 'Address', path: '.spec.machine.address' },
      { name: 'Reserved', path: '.status.reserved' },
      { name: 'Remote Machine', path: '.status.machineRef.name' },
      { name: 'Pool', path: '.spec.pool' },
      columns.age,
    ],
  }),
});
