import type { CertificateType } from '@k0smotron/hosted';
import type { HostedScope } from '../reconcilers/hosted-cluster/scope.ts';
import type { HeldCertificate } from './certificate-health.ts';

/** Which authority signs what; the others are authorities. A service account's key is no certificate. */
const signers: Readonly<Record<string, 'ca' | 'etcd'>> = {
  'apiserver-etcd-client': 'etcd',
  'etcd-peer': 'etcd',
  'etcd-server': 'etcd',
  'ingress-haproxy': 'ca',
  'monitoring-client': 'ca',
};

/** All certificates that earlier steps found or made, with the administrator's in the kubeconfig. */
export function heldCertificates({ found, names, clusterKey }: HostedScope): readonly HeldCertificate[] {
  const { certificates = {}, adminCertPem } = found;
  const pairs = Object.entries(certificates).flatMap(([type, pair]) => {
    if (type === 'sa' || !pair) return [];
    const signer = signers[type];
    const secret = names.certificate(type as CertificateType);
    const authorityPem = signer && certificates[signer]?.certPem;
    const renewed = signer !== undefined && secret === `${clusterKey.name}-${type}`;
    return [{ ...pair, secret, renewed, ...(authorityPem !== undefined && { authorityPem }) }];
  });
  const admin = { secret: names.kubeconfig, keyPem: '', renewed: true, authorityPem: certificates.ca?.certPem };
  return [...pairs, ...(adminCertPem ? [{ ...admin, certPem: adminCertPem }] : [])];
}
