import { Secret } from '@k0smotron/api';
import { controllerRef } from '@k0smotron/core';
import type { CertificateType, LeafType } from '@k0smotron/hosted';
import { toSecretData, type CertificatePair } from '@k0smotron/pki';
import { fieldManager } from '../names.ts';
import type { HostedScope } from '../reconcilers/hosted-cluster/scope.ts';
import type { Issuance } from '../secrets/issuing.ts';

/** A certificate that an authority of the plane has signed, on its way into its Secret, which may be there with an older one. */
export function leafIssuance(
  { run, names, cluster }: HostedScope,
  leaf: { readonly type: CertificateType | LeafType; readonly pair: CertificatePair; readonly isStored: boolean },
  signal: AbortSignal,
): Issuance {
  const key = { namespace: cluster.metadata.namespace, name: names.certificate(leaf.type) };
  const data = toSecretData(leaf.pair);
  const write = async (): Promise<void> => {
    if (leaf.isStored) {
      await run.kube.patch(Secret, key, { type: 'merge', body: { data } }, { fieldManager }, signal);
      run.event('Normal', 'CertificateRenewed', `Secret ${key.name} has a new certificate`);
    } else {
      const metadata = { ...key, ownerReferences: [controllerRef(cluster)] };
      await run.kube.create(Secret, { metadata, type: 'cluster.x-k8s.io/secret', data }, { fieldManager }, signal);
    }
  };
  return { purpose: leaf.type, pem: leaf.pair.certPem, secretName: key.name, write };
}
