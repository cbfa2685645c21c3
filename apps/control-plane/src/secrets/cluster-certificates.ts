import { labels, Secret } from '@k0smotron/api';
import { controllerRef, type ObjectKey } from '@k0smotron/core';
import {
  certificatePurposes,
  certificateSecretName,
  createFor,
  fromSecretData,
  toSecretData,
  type CertificatePair,
  type CertificatePurpose,
} from '@k0smotron/pki';
import type { KubeClient } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';
import { fieldManager } from '../names.ts';
import type { Issuance } from './issuing.ts';

/** What is there of a cluster's certificates, by purpose; a user's own count like ours (CP-15). */
export type FoundCertificates = Partial<Record<CertificatePurpose, CertificatePair>>;

/** Reads the four pairs of a cluster; `each` hears of the Secrets that are there. */
export async function readCertificates(
  kube: KubeClient,
  cluster: ObjectKey,
  signal: AbortSignal,
  each: (secret: Secret) => Promise<void> = () => Promise.resolve(),
): Promise<FoundCertificates> {
  const pairs = await Promise.all(
    certificatePurposes.map(async (purpose) => {
      const name = certificateSecretName(cluster.name, purpose);
      const secret = await kube.get(Secret, { namespace: cluster.namespace, name }, signal);
      if (secret) await each(secret);
      return [purpose, fromSecretData(secret?.data)] as const;
    }),
  );
  return Object.fromEntries(pairs.filter(([, pair]) => pair !== undefined));
}

/** Makes one missing pair, yet to be issued; only before the cluster lives, since a new CA would break a running one (CP-16). */
export async function createCertificate(
  { run, clusterKey }: { readonly run: Run; readonly clusterKey: ObjectKey },
  purpose: CertificatePurpose,
  signal: AbortSignal,
): Promise<{ readonly pair: CertificatePair; readonly issuance: Issuance }> {
  const pair = await createFor(purpose, run.clock.now());
  const secretName = certificateSecretName(clusterKey.name, purpose);
  const intent = {
    metadata: {
      name: secretName,
      namespace: clusterKey.namespace,
      labels: { [labels.clusterName]: clusterKey.name },
      ownerReferences: [controllerRef(run.object)],
    },
    type: 'cluster.x-k8s.io/secret',
    data: toSecretData(pair),
  };
  const write = () => run.kube.create(Secret, intent, { fieldManager }, signal);
  return { pair, issuance: { purpose, pem: pair.certPem, secretName, write } };
}
