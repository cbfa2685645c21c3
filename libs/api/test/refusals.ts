import type { JsonObject } from '../src/conversion/json.ts';

/** An object that must be refused, and the part of the answer that tells the way out. */
export interface Refusal {
  readonly what: string;
  readonly object: JsonObject;
  readonly message: string;
}

/** A change of an accepted object; without message it must be accepted. */
export interface Update {
  readonly what: string;
  readonly before: JsonObject;
  readonly patch: JsonObject;
  readonly message?: string;
}

const metadata = { name: 'refused', namespace: 'default' };
const reference = { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachineTemplate', name: 't' };
const machineTemplate = { spec: { infrastructureRef: reference } };

const plane = (version: 'v1beta1' | 'v1beta2', spec: JsonObject): JsonObject => ({
  apiVersion: `controlplane.cluster.x-k8s.io/${version}`,
  kind: 'K0sControlPlane',
  metadata,
  spec: { version: 'v1.34.4+k0s.0', k0sConfigSpec: {}, machineTemplate, ...spec },
});

const worker = (spec: JsonObject): JsonObject => ({
  apiVersion: 'bootstrap.cluster.x-k8s.io/v1beta2',
  kind: 'K0sWorkerConfig',
  metadata,
  spec,
});

const pooled = (spec: JsonObject): JsonObject => ({
  apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
  kind: 'PooledRemoteMachine',
  metadata,
  spec: { pool: 'a', machine: { address: '192.0.2.1', sshKeyRef: { name: 'key' } }, ...spec },
});

/** Creations that are refused. */
export const refusals: readonly Refusal[] = [
  {
    what: 'two different versions in v1beta1',
    object: plane('v1beta1', { k0sVersion: 'v1.33.0+k0s.0' }),
    message: 'write only spec.version',
  },
  {
    what: 'no version in v1beta1',
    object: plane('v1beta1', { version: undefined }),
    message: 'write for example v1.34.4+k0s.0',
  },
  {
    what: 'no version in v1beta2',
    object: plane('v1beta2', { version: undefined }),
    message: 'spec.version: Required',
  },
  { what: 'no k0s version', object: plane('v1beta2', { version: 'newest' }), message: 'not a k0s version' },
  { what: 'no full version', object: plane('v1beta2', { version: 'v1.34' }), message: 'not a k0s version' },
  { what: 'k0s 1.31.1', object: plane('v1beta2', { version: 'v1.31.1+k0s.1' }), message: 'v1.31.2+k0s.0 or later' },
  {
    what: 'a control plane on Windows',
    object: plane('v1beta2', { k0sConfigSpec: { provisioner: { platform: 'windows' } } }),
    message: 'controllers run on Linux only',
  },
  {
    what: 'PowerShell for a control plane',
    object: plane('v1beta2', { k0sConfigSpec: { provisioner: { type: 'powershell-xml' } } }),
    message: 'controllers run on Linux only',
  },
  {
    what: 'Recreate with --single',
    object: plane('v1beta1', { updateStrategy: 'Recreate', k0sConfigSpec: { args: ['--single'] } }),
    message: 'write updateStrategy InPlace',
  },
  {
    what: 'Recreate with --single=true',
    object: plane('v1beta2', { updateStrategy: 'Recreate', k0sConfigSpec: { args: ['--debug', '--single=true'] } }),
    message: 'write updateStrategy InPlace',
  },
  {
    what: 'a control plane without controllers',
    object: plane('v1beta1', { replicas: 0 }),
    message: 'spec.replicas in body should be greater than or equal to 1',
  },
  { what: 'a host of no pool', object: pooled({ pool: '' }), message: 'spec.pool in body should be at least 1 chars' },
  {
    what: 'a host without an address',
    object: pooled({ machine: { address: '', sshKeyRef: { name: 'key' } } }),
    message: 'spec.machine.address in body should be at least 1 chars',
  },
  {
    what: 'a host without a user',
    object: pooled({ machine: { address: '192.0.2.1', user: '', sshKeyRef: { name: 'key' } } }),
    message: 'spec.machine.user in body should be at least 1 chars',
  },
  {
    what: 'no template for the machines',
    object: plane('v1beta2', { machineTemplate: {} }),
    message: 'write machineTemplate.spec.infrastructureRef',
  },
  {
    what: 'two different templates for the machines',
    object: plane('v1beta2', { machineTemplate: { ...machineTemplate, infrastructureRef: { kind: 'X', name: 't' } } }),
    message: 'name different templates',
  },
  {
    what: 'a worker version in image-tag spelling',
    object: worker({ version: 'v1.34.4-k0s.0' }),
    message: 'with a plus sign',
  },
  {
    what: 'a file without content',
    object: worker({ files: [{ path: '/a' }] }),
    message: 'either content or contentFrom',
  },
  {
    what: 'a file with two sources',
    object: worker({
      files: [{ contentFrom: { secretRef: { name: 'a', key: 'b' }, configMapRef: { name: 'a', key: 'b' } } }],
    }),
    message: 'secretRef or configMapRef, not both',
  },
];

/** Updates of a control plane at v1.34.4. */
export const updates: readonly Update[] = [
  { what: 'one minor version', before: plane('v1beta2', {}), patch: { spec: { version: 'v1.35.1+k0s.0' } } },
  { what: 'back', before: plane('v1beta2', {}), patch: { spec: { version: '1.33.0' } } },
  {
    what: 'two minor versions',
    before: plane('v1beta2', {}),
    patch: { spec: { version: 'v1.36.1+k0s.0' } },
    message: 'one minor version at a time',
  },
];
