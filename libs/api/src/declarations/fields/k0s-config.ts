import { preserveUnknown, typeName, z } from '@k0smotron/crd';
import type { ApiVersionName } from '../versions.ts';
import { contentSource, file, ignition, provisioner, tunneling } from './bootstrap-data.ts';
import { secretMetadata } from './meta.ts';

/** Commands around the start of k0s: v1beta2 renamed the fields. */
const hooks = (version: ApiVersionName) => {
  const before = z.array(z.string()).optional().describe('Shell lines that run before k0s is downloaded.');
  const after = z.array(z.string()).optional().describe('Shell lines that run after k0s was started.');
  return version === 'v1beta1'
    ? { preStartCommands: before, postStartCommands: after }
    : { preK0sCommands: before, postK0sCommands: after };
};

/** Output format: one object in v1beta2, two fields in v1beta1. */
const output = (version: ApiVersionName) =>
  version === 'v1beta1'
    ? {
        ignition: ignition().describe('Makes Ignition data instead of cloud-config.'),
        customUserDataRef: contentSource().describe('User data to merge with the generated one.'),
      }
    : { provisioner: provisioner().describe('Format and platform of the bootstrap data.') };

/** Fields that worker and controller configurations share. */
export const commonConfigFields = (version: ApiVersionName, files = z.array(file()).optional()) => ({
  ...output(version),
  k0sInstallDir: z.string().default('/usr/local/bin').describe('Folder of the k0s binary.'),
  useSystemHostname: z
    .boolean()
    .default(false)
    .describe("Keeps the host's name as node name; otherwise the Node is named after the Machine."),
  files: files.describe('More files to write, before any command runs.'),
  args: z.array(z.string()).optional().describe('More flags for `k0s install`.'),
  ...hooks(version),
  preInstalledK0s: z.boolean().optional().describe('Skips the download: k0s is already on the machine.'),
  downloadURL: z
    .string()
    .optional()
    .describe('Where to get k0s: an http, https or oci address; unset means get.k0s.sh.'),
  workingDir: z.string().optional().describe('Folder for k0s.yaml and k0s.token; unset means /etc.'),
});

/** Fields of a controller's configuration, inline in K0sControllerConfig and nested in K0sControlPlane. */
export const k0sConfigFields = (version: ApiVersionName) => ({
  ...commonConfigFields(version),
  k0s: preserveUnknown()
    .optional()
    .describe('The k0s ClusterConfig; address, names and storage of the member are filled in by us.'),
  tunneling: tunneling(),
  ...(version === 'v1beta2' && {
    secretMetadata: secretMetadata().describe('Labels and annotations of the bootstrap Secret.'),
  }),
});

/** The nested form of {@link k0sConfigFields}. */
export const k0sConfigSpec = (version: ApiVersionName) =>
  z.object(k0sConfigFields(version)).meta(typeName('K0sConfigSpec'));
