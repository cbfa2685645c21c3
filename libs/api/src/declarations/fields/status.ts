import { listMap, notEmpty, typeName, z } from '@k0smotron/crd';
import type { ApiVersionName } from '../versions.ts';
import { conditions } from './meta.ts';

/** Status of both bootstrap configurations, as the contract of the version reads it. */
export const bootstrapConfigStatus = (version: ApiVersionName) =>
  z
    .object({
      ...(version === 'v1beta1'
        ? { ready: z.boolean().optional().describe('Bootstrap data exists.') }
        : {
            initialization: z
              .object({ dataSecretCreated: z.boolean().optional().describe('Bootstrap data exists.') })
              .optional()
              .describe('What Cluster API waits for.'),
          }),
      dataSecretName: z.string().optional().describe('Name of the Secret with the bootstrap data.'),
      conditions: conditions(),
    })
    .meta(typeName('BootstrapConfigStatus'));

/** `status.initialization.provisioned` of infrastructure kinds (v1beta2). */
export const provisioned = (what: string) =>
  z
    .object({ provisioned: z.boolean().optional().describe(what) })
    .optional()
    .describe('What Cluster API waits for.');

/** Addresses of a machine, in Cluster API's shape. */
export const machineAddresses = () =>
  z
    .array(
      z
        .object({
          type: z
            .enum(['Hostname', 'ExternalIP', 'InternalIP', 'ExternalDNS', 'InternalDNS'])
            .describe('Kind of address.'),
          address: z.string().min(1).max(256).describe('The address.'),
        })
        .meta(typeName('MachineAddress'))
        .describe('One address of a machine.'),
    )
    .optional()
    .describe('Addresses of the machine; core copies them to the Machine.');

const failureDomainFields = {
  controlPlane: z.boolean().optional().describe('Control-plane machines may go there.'),
  attributes: z.record(z.string(), z.string()).optional().describe('Free attributes.'),
};

/** Failure domains: a map in the v1beta1 contract, a list by name in v1beta2. */
export const failureDomains = (version: ApiVersionName) =>
  (version === 'v1beta1'
    ? z.record(z.string(), z.object(failureDomainFields))
    : z
        .array(z.object({ name: z.string().min(1).max(256).describe('Name of the domain.'), ...failureDomainFields }))
        .min(1)
        .max(100)
        .meta(listMap('name'))
  )
    .optional()
    .describe('Groups of hosts that fail together. Stored; not filled by us yet.');

/** Versions that run in a control plane, oldest first (CP-02). */
export const runningVersions = () =>
  z
    .array(
      z.object({
        version: z.string().min(1).max(256).describe("A version, spelled as in spec.version's notation."),
        replicas: z.int32().min(1).optional().describe('How many replicas run it.'),
      }),
    )
    .max(100)
    .meta(listMap('version'))
    .optional()
    .describe('Versions that run now, oldest first.');

/** `initialization` with a flag that, once there, must say something. */
export const initializationNotEmpty = <T extends Record<string, z.ZodType>>(fields: T) =>
  z.object(fields).meta(notEmpty).optional().describe('What Cluster API waits for.');
