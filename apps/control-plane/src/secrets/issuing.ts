import { rfc3339 } from '@k0smotron/core';
import { certificateIssued, factObject } from '@k0smotron/events';
import { fingerprint, inspectCertificate } from '@k0smotron/pki';
import type { Audit } from '@k0smotron/audit';
import type { Run } from '@k0smotron/runtime';
import type { Clients } from './client-certificates.ts';

/** In whose run something is issued, and whom it is told. */
export interface Issuer {
  readonly run: Run;
  readonly audit: Audit;
}

/** What was issued, and for what. */
export interface Issued {
  readonly purpose: string;
  /** A certificate, or a public key. */
  readonly pem: string;
  /** Absent for what stays in memory. */
  readonly secretName?: string;
}

/** Tells of the client certificates that this service holds in memory. */
export const tellClients =
  (scope: Issuer, signal: AbortSignal) =>
  async ({ apiClient, etcdClient }: Clients): Promise<void> => {
    const held = () => Promise.resolve();
    await issuing(scope, { purpose: 'api-client', pem: apiClient.certPem }, held, signal);
    await issuing(scope, { purpose: 'etcd-client', pem: etcdClient.certPem }, held, signal);
  };

/** Tells of a new certificate around the effect that brings it into the world (SR-8). */
export function issuing<T>(
  { run, audit }: Issuer,
  { purpose, pem, secretName }: Issued,
  effect: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const details = {
    purpose,
    fingerprint: fingerprint(pem),
    ...(pem.includes('CERTIFICATE') && { expiresAt: rfc3339(inspectCertificate(pem).notAfter) }),
    ...(secretName !== undefined && { secretName }),
  };
  const fact = certificateIssued(factObject(run.object), details, run.clock.now());
  return audit.around(run.kube, { fact, run: effect }, signal);
}
