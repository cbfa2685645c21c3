import { published, type Published } from './published.ts';

const reference = { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachineTemplate', name: 'any' };
const versioned = { apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1', kind: 'RemoteMachineTemplate', name: 'any' };
const plane = (k0sConfigSpec: object, infrastructureRef: object = versioned) => ({
  version: 'v1.34.2+k0s.0',
  k0sConfigSpec,
  machineTemplate: { infrastructureRef },
});
const ignition = { variant: 'flatcar', version: '1.1.0' };
const userData = { configMapRef: { name: 'worker-custom-userdata', key: 'customUserData' } };

/** Manifests of k0smotron's documents that its own schemas refuse, as ours do, by what kubectl says of each. */
export const refusedByBoth: readonly (readonly [Published, string])[] = [
  ...each('K0sControlPlane.spec.machineTemplate.infrastructureRef): unknown field "apiGroup"', 'K0sControlPlane', {
    'docs/capi-remote.md': [plane({}, reference)],
  }),
  ...each('K0sControlPlane.spec.k0sConfigSpec): unknown field "ignition"', 'K0sControlPlane', {
    'docs/ignition-support.md': [plane({ ignition })],
  }),
  ...each('K0sControlPlane.spec.k0sConfigSpec): unknown field "customUserDataRef"', 'K0sControlPlane', {
    'docs/advanced/cloud-init.md': [plane({ customUserDataRef: userData })],
  }),
  ...each('K0sControlPlane.spec.k0sConfigSpec.files[0]): unknown field "secretRef"', 'K0sControlPlane', {
    'docs/capi-use-oci-registry.md': [plane({ files: [{ path: '/a', secretRef: { name: 'a', key: 'b' } }] })],
  }),
  ...each('K0sControlPlane.spec): unknown field "k0sVersion"', 'K0sControlPlane', {
    'docs/capi-vsphere-tmpl-cp-in-vms.yaml': [{ ...plane({}), k0sVersion: 'v1.30.1+k0s.0' }],
  }),
  ...each('K0sControlPlane.spec): missing required field "machineTemplate"', 'K0sControlPlane', {
    'docs/capi-controlplane-bootstrap.md': [{ version: 'v1.34.2+k0s.0', k0sConfigSpec: {} }],
  }),
  ...each('K0sWorkerConfigTemplate.spec.template.spec): unknown field "ignition"', 'K0sWorkerConfigTemplate', {
    'docs/ignition-support.md': [{ template: { spec: { ignition } } }],
  }),
  ...each('K0sWorkerConfigTemplate.spec.template.spec): unknown field "provisioner"', 'K0sWorkerConfigTemplate', {
    'v1beta1 docs/windows-workers.md': [{ template: { spec: { provisioner: { type: 'powershell-xml' } } } }],
  }),
  ...each('RemoteMachine.spec.provisionJob.jobSpecTemplate.spec): unknown field "containers"', 'RemoteMachine', {
    'v1beta1 docs/capi-remotemachine-teleport.md': [
      { address: 'a', provisionJob: { jobSpecTemplate: { spec: { containers: [] } } } },
    ],
  }),
  ...each('Cluster.spec): unknown field "k0sImage"', 'Cluster', {
    'docs/update/hcp-autopilot.md': [{ k0sImage: 'a' }],
  }),
  ...each('JoinTokenRequest.spec): unknown field "clusterRef"', 'JoinTokenRequest', {
    'docs/join-nodes.md': [{ clusterRef: { name: 'my-cluster', namespace: 'default' } }],
  }),
  ...each('K0smotronControlPlane.spec): unknown field "k0sVersion"', 'K0smotronControlPlane', {
    'docs/capi-vsphere-tmpl-cp-in-pods.yaml': [{ k0sVersion: 'v1.30.1-k0s.0' }],
  }),
  ...each('K0smotronControlPlane.spec.service): unknown field "annotations"', 'K0smotronControlPlane', {
    'docs/capi-hetzner.md': [{ service: { annotations: { a: 'b' } } }],
  }),
  ...each('K0smotronControlPlane.spec): unknown field "remoteHostCluster"', 'K0smotronControlPlane', {
    'v1beta1 e2e/data/infrastructure-docker/main/cluster-template-remote-hcp': [{ remoteHostCluster: {} }],
  }),
];

function each(
  says: string,
  ...[kind, byFile]: Parameters<typeof published>
): readonly (readonly [Published, string])[] {
  return published(kind, byFile).map((one) => [one, says] as const);
}
