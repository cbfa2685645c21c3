import { X509Certificate } from 'node:crypto';
import { Node } from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';

/** The parts of a certificates.k8s.io/v1 CertificateSigningRequest that we read. */
export interface CertificateSigningRequest extends KubeObject {
  readonly spec: { readonly signerName: string; readonly username?: string };
  readonly status?: { readonly certificate?: string };
}

/** Names {@link CertificateSigningRequest}. */
export const CertificateSigningRequest: Kind<CertificateSigningRequest> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  namespaced: false,
};

const kubeletSigner = 'kubernetes.io/kube-apiserver-client-kubelet';

/**
 * The node that has joined with a token: somebody who came with it was given a kubelet's certificate, and the Node is there.
 * Before that the token is still needed, because the kubelet fetches its certificate with it. Kubernetes keeps requests for
 * an hour.
 */
export async function nodeJoinedWith(
  workload: KubeClient,
  tokenId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const requests = await workload.list(
    CertificateSigningRequest,
    { fieldSelector: `spec.signerName=${kubeletSigner}` },
    signal,
  );
  for (const { spec, status } of requests) {
    const node = spec.username === `system:bootstrap:${tokenId}` ? nodeOf(status?.certificate) : undefined;
    if (node && (await workload.get(Node, { name: node }, signal))) return node;
  }
  return undefined;
}

/** Name of the node that a kubelet's certificate is for; the certificate is PEM in base64, as the API gives it. */
function nodeOf(certificate: string | undefined): string | undefined {
  if (!certificate) return undefined;
  const { subject } = new X509Certificate(Buffer.from(certificate, 'base64'));
  return /^CN=system:node:(.+)$/m.exec(subject)?.[1];
}
