import { typeName, z } from '@k0smotron/crd';

const later = 'Stored; its behaviour comes later.';

const keyInObject = (kind: string) =>
  z
    .object({
      name: z.string().describe(`Name of the ${kind}.`),
      key: z.string().describe(`Key inside the ${kind}.`),
    })
    .meta(typeName('ObjectKeyReference'))
    .optional();

/** Text that is read from a Secret or a ConfigMap when bootstrap data is made. */
export const contentSource = () =>
  z
    .object({
      secretRef: keyInObject('Secret').describe('Reads the text from a Secret; wins over configMapRef.'),
      configMapRef: keyInObject('ConfigMap').describe('Reads the text from a ConfigMap.'),
    })
    .meta(typeName('ContentSource'))
    .optional();

/** A file to write on the machine. */
export const file = () =>
  z
    .object({
      path: z.string().optional().describe('Absolute path on the machine.'),
      content: z.string().optional().describe('The content itself.'),
      permissions: z.string().optional().describe("File mode in octal, for example '0600'; unset means 0644."),
      contentFrom: contentSource().describe('Reads the content from a Secret or a ConfigMap in the namespace.'),
    })
    .meta(typeName('File'))
    .describe('A file to write on the machine.');

/** How Ignition output is made. */
export const ignition = () =>
  z
    .object({
      variant: z.enum(['fcos', 'flatcar', 'openshift', 'r4e', 'fiot']).describe('Butane variant.'),
      version: z.string().describe('Butane schema version.'),
      additionalConfig: z
        .string()
        .optional()
        .describe('More Butane YAML, merged as a second configuration of the same Ignition version.'),
    })
    .meta(typeName('IgnitionSpec'))
    .optional();

/** Output format and platform of bootstrap data (v1beta2). */
export const provisioner = () =>
  z
    .object({
      type: z
        .enum(['cloud-config', 'ignition', 'powershell', 'powershell-xml'])
        .default('cloud-config')
        .describe('Format of the bootstrap data; also the Secret key `format`. powershell-xml is for AWS.'),
      platform: z
        .enum(['linux', 'windows'])
        .default('linux')
        .describe('Operating system; windows is for workers only.'),
      ignition: ignition().describe('Settings for type ignition; unused for others.'),
      customUserDataRef: contentSource().describe('User data to merge with the generated one.'),
    })
    .meta(typeName('ProvisionerSpec'))
    .optional();

/** The tunnel from a control plane behind a firewall. */
export const tunneling = () =>
  z
    .object({
      enabled: z.boolean().default(false).describe(`Runs a tunnel from the cluster's control plane. ${later}`),
      serverAddress: z
        .string()
        .optional()
        .describe('Address of the tunnel server; unset means an address of a management node.'),
      serverNodePort: z.int32().default(31700).describe('NodePort of the tunnel server.'),
      tunnelingNodePort: z.int32().default(31443).describe("NodePort where the cluster's API answers."),
      mode: z.enum(['tunnel', 'proxy']).default('tunnel').describe('Forwards TCP directly, or through HTTP CONNECT.'),
    })
    .meta(typeName('TunnelingSpec'))
    .optional()
    .describe(`Reaches a control plane behind a firewall. ${later}`);
