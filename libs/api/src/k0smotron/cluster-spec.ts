import { celRules, coreType, preserveUnknown, typeName, z, type CelRule } from '@k0smotron/crd';
import { hostedVersion } from '../controlplane/fields.ts';
import { secretMetadata } from '../declarations/fields/meta.ts';
import type { ApiVersionName } from '../declarations/versions.ts';
import { ingress, service } from './exposure.ts';
import { monitoring, patches, persistence, volumes } from './pods.ts';
import { ingressNeedsFix, natsKeepsReplicas } from './rules.ts';
import { storageFields } from './storage.ts';

const kubeconfigRef = () =>
  z
    .object({
      name: z.string().describe('Name of the Secret.'),
      namespace: z.string().describe('Namespace of the Secret.'),
      key: z.string().default('value').describe('Key inside the Secret.'),
    })
    .meta(typeName('KubeconfigRef'))
    .optional()
    .describe('Kubeconfig of the cluster that the pods run in; unset means this one.');

const flags = () => z.array(z.string()).optional().describe('More flags for `k0s controller`, as `--flag=value`.');

const certificateRefs = () =>
  z
    .array(
      z
        .object({
          type: z
            .enum(['ca', 'sa', 'proxy', 'etcd', 'apiserver-etcd-client', 'etcd-peer', 'etcd-server'])
            .describe('What the certificate is for.'),
          name: z.string().optional().describe('Secret with `tls.crt` and `tls.key`.'),
        })
        .meta(typeName('CertificateRef'))
        .describe('A certificate that is given.'),
    )
    .optional()
    .describe('Certificates to use; those that are not given are made.');

/** What is named, or placed, otherwise in the two versions. */
const versionFields = (version: ApiVersionName) =>
  version === 'v1beta1'
    ? { kubeconfigRef: kubeconfigRef(), controllerPlaneFlags: flags() }
    : {
        remoteHostCluster: z
          .object({ kubeconfigRef: kubeconfigRef() })
          .meta(typeName('RemoteHostCluster'))
          .optional()
          .describe('Runs the pods in another cluster.'),
        controlPlaneFlags: flags(),
        patches: patches(),
      };

/** What the kinds that have a hosted cluster's spec may say differently. */
export interface HostedClusterOptions {
  /** Version of clusters that are written without. */
  readonly defaultVersion?: string;
  /** Name of the TypeScript type. */
  readonly type?: string;
  readonly rules?: readonly CelRule[];
}

/** Spec of a hosted cluster, as Cluster, K0smotronControlPlane and its template have it. */
export const hostedCluster = (version: ApiVersionName, options: HostedClusterOptions = {}) => {
  const { defaultVersion, type = 'HostedClusterSpec', rules = [] } = options;
  const release = hostedVersion('k0s version, for example v1.34.4+k0s.0.');
  return z
    .object({
      replicas: z.int32().default(1).describe('Controllers wanted; 0 counts as 1.'),
      image: z.string().default('quay.io/k0sproject/k0s').describe('Image of k0s, without tag.'),
      version: defaultVersion === undefined ? release.optional() : release.default(defaultVersion),
      serviceAccount: z.string().optional().describe('Service account of the pods.'),
      externalAddress: z
        .string()
        .optional()
        .describe('Address of the API; unset means that of the load balancer or of a node.'),
      ingress: ingress(),
      service: service(version),
      persistence: persistence(),
      ...storageFields(version),
      k0sConfig: preserveUnknown()
        .optional()
        .describe('The k0s ClusterConfig; address and storage are filled in by us.'),
      certificateRefs: certificateRefs(),
      ...volumes(),
      ...versionFields(version),
      monitoring: monitoring(),
      topologySpreadConstraints: z
        .array(coreType('v1', 'TopologySpreadConstraint'))
        .optional()
        .describe('How the pods of controllers, and of etcd, are spread.'),
      resources: coreType('v1', 'ResourceRequirements').optional().describe('Resources of each k0s container.'),
      kubeconfigSecretMetadata: secretMetadata().describe('Labels and annotations of the kubeconfig Secret.'),
    })
    .meta({
      ...typeName(type),
      ...celRules(ingressNeedsFix, ...(version === 'v1beta2' ? [natsKeepsReplicas] : []), ...rules),
    });
};
