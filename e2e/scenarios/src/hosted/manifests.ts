import { withField, labControllerArgs, sample, type Manifest } from '../cluster/manifests.ts';

/** What the lab puts into the manifests of hosted planes. */
export interface HostedValues {
  readonly version: string;
  readonly etcdImage: string;
}

const namespace = 'default';

/** Ports of the nodes that nobody else in the lab wants. */
const service = { type: 'NodePort', apiPort: 30443, konnectivityPort: 30132 };

/** Of a plane's spec: nothing that needs an image of k0s's makers. */
export const lean = {
  controlPlaneFlags: labControllerArgs,
  k0sConfig: {
    apiVersion: 'k0s.k0sproject.io/v1beta1',
    kind: 'ClusterConfig',
    metadata: { name: 'k0s' },
    spec: { network: { provider: 'custom' }, telemetry: { enabled: false } },
  },
};

/** A value of a flag that has no effect here, and would have one in a shell: it must come to etcd as it is. */
export const shellArgument = `--discovery-srv-name=a b; $(id) \`id\` "c' && d`;

/** Defragmentation in a rhythm that no test lives to see: the object is there, its pods are not. */
const defragJob = { enabled: true, schedule: '0 0 1 1 *' };

const specOf = ({ version, etcdImage }: HostedValues, replicas: number): Record<string, unknown> => ({
  version,
  replicas,
  service,
  ...lean,
  storage: { type: 'etcd', etcd: { image: etcdImage, args: [shellArgument], defragJob, autoDeletePVCs: true } },
});

/** The Cluster of the samples, with a control plane in pods; it finds its endpoint by itself. */
export async function hostedControlPlaneManifests(values: HostedValues, replicas = 1): Promise<Manifest[]> {
  const documents = (await sample('cluster')).map((document) => {
    if (document.kind !== 'Cluster') return document;
    const kind = 'K0smotronControlPlane';
    const { controlPlaneEndpoint: _found, ...spec } =
      withField(document, ['spec', 'controlPlaneRef', 'kind'], kind).spec ?? {};
    return { ...document, spec };
  });
  return [
    ...documents,
    {
      apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2',
      kind: 'K0smotronControlPlane',
      metadata: { name: 'remote-test', namespace },
      spec: specOf(values, replicas),
    },
  ];
}

/** A plane without Cluster API that is reached through an ingress; nobody answers at its hosts. */
export const planeBehindIngress = ({ version, etcdImage }: HostedValues): Manifest => ({
  apiVersion: 'k0smotron.io/v1beta2',
  kind: 'Cluster',
  metadata: { name: 'behind', namespace },
  spec: {
    version,
    ingress: { apiHost: 'api.behind.test', konnectivityHost: 'konnectivity.behind.test' },
    ...lean,
    storage: { type: 'etcd', etcd: { image: etcdImage, autoDeletePVCs: true } },
  },
});

/** The Cluster of the class for hosted planes, with what the lab needs; the class beside it stays as it is. */
export const inLab = (manifests: readonly Manifest[], { etcdImage }: HostedValues): Manifest[] =>
  manifests.map((manifest) => {
    if (manifest.kind !== 'Cluster') return manifest;
    const variables = { service, etcdImage, k0sConfig: lean.k0sConfig, controllerArgs: lean.controlPlaneFlags };
    const named = Object.entries(variables).map(([name, value]) => ({ name, value }));
    return withField(manifest, ['spec', 'topology', 'variables'], named);
  });

/** A pod that logs and can be asked something, of an image that is on the lab's workers. */
export const talkingPod = (image: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'talking', namespace },
  spec: {
    containers: [{ name: 'etcd', image, imagePullPolicy: 'IfNotPresent', args: ['--data-dir=/tmp/etcd'] }],
    automountServiceAccountToken: false,
  },
});
