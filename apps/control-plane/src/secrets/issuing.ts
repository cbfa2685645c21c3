import { rfc3339 } from '@k0smotron/core';
import { certificateIssued, factObject, type Fact } from '@k0smotron/events';
import { fingerprint, inspectCertificate } from '@k0smotron/pki';
import type { Audit } from '@k0smotron/audit';
import type { Run } from '@k0smotron/runtime';
import type { Clients } from './client-certificates.ts';

/** In whose run something is issued, and whom it is told. */
export interface Issuer {
  readonly run: Run;
  readonly audit: Audit;
}

/** What is to be issued, and for what. */
export interface Issuance {
  readonly purpose: string;
  /** A certificate, or a public key. */
  readonly pem: string;
  /** Absent for what stays in memory. */
  readonly secretName?: string;
  /** Brings it into the world. */
  readonly write: () => Promise<unknown>;
}

/** Where the steps of a run collect what they want issued, so that it is told in one go. */
export interface Issuing {
  readonly issuances: Issuance[];
}

/** Tells of the client certificates that this service holds in memory. */
export const tellClients =
  (scope: Issuer, signal: AbortSignal) =>
  async ({ apiClient, etcdClient }: Clients): Promise<void> => {
    const held = { write: () => Promise.resolve() };
    const issuances = [
      { ...held, purpose: 'api-client', pem: apiClient.certPem },
      { ...held, purpose: 'etcd-client', pem: etcdClient.certPem },
    ];
    await issueAll(scope, issuances, signal);
  };

/** Tells of new certificates around the effects that bring them into the world, all in one record (SR-8). */
export async function issueAll(
  { run, audit }: Issuer,
  issuances: readonly Issuance[],
  signal: AbortSignal,
): Promise<void> {
  const effects = issuances.map((issuance) => ({ fact: factOf(run, issuance), run: issuance.write }));
  await audit.aroundAll(run.kube, effects, signal);
}

function factOf({ object, clock }: Run, { purpose, pem, secretName }: Issuance): Fact {
  const details = {
    purpose,
    fingerprint: fingerprint(pem),
    ...(pem.includes('CERTIFICATE') && { expiresAt: rfc3339(inspectCertificate(pem).notAfter) }),
    ...(secretName !== undefined && { secretName }),
  };
  return certificateIssued(factObject(object), details, clock.now());
}
