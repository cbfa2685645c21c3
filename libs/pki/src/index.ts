export {
  createCa,
  issue,
  type CaRequest,
  type CertificatePair,
  type CertificateRequest,
  type CertificateUsage,
} from './certificates.ts';
export {
  certificatePurposes,
  certificateSecretName,
  clusterCertificates,
  createFor,
  fromSecretData,
  kubeconfigSecretName,
  saAsPair,
  toSecretData,
  type CertificatePurpose,
  type ClusterCertificates,
  type ServiceAccountKey,
} from './cluster-certificates.ts';
export {
  etcdCertificatePurposes,
  issueForEtcd,
  type EtcdCertificateOptions,
  type EtcdCertificatePurpose,
} from './etcd-certificates.ts';
export {
  caHash,
  certifiesHost,
  fingerprint,
  inspectCertificate,
  issuedBy,
  keyMatches,
  renewalDue,
  type CertificateFacts,
} from './inspect.ts';
export { adminKubeconfig, toKubeconfig, type AdminKubeconfigOptions, type KubeconfigContent } from './kubeconfig.ts';
