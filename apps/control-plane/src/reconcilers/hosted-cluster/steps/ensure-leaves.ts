import { X509Certificate } from 'node:crypto';
import { Secret } from '@k0smotron/api';
import { done } from '@k0smotron/core';
import { haproxyNames, isMonitored, type HostedPlane, type LeafType } from '@k0smotron/hosted';
import {
  fromSecretData,
  issue,
  issuedBy,
  renewalDue,
  type CertificatePair,
  type CertificateRequest,
} from '@k0smotron/pki';
import type { Step } from '@k0smotron/runtime';
import { leafIssuance } from '../../../hosted/leaf-issuance.ts';
import type { Issuing } from '../../../secrets/issuing.ts';
import { certificateOf, type HostedScope } from '../scope.ts';

/** A year, as of all that the original issues (behaviour §9.6); anew at half of it. */
const days = 365;

/** What a plane wants certified beside its authorities and etcd. */
const wantedBy = (plane: HostedPlane): Partial<Record<LeafType, Omit<CertificateRequest, 'commonName' | 'days'>>> => ({
  // With this a proxy on workers answers in place of the API.
  ...(plane.spec.ingress && { 'ingress-haproxy': { usages: ['server'], ...haproxyNames(plane) } }),
  // Kubernetes lets this group read metrics, and nothing else.
  ...(isMonitored(plane) && { 'monitoring-client': { usages: ['client'], organization: ['system:monitoring'] } }),
});

/** Certificates of the cluster's authority for parts that not every plane has, each in a Secret of its own. */
export const ensureLeaves: Step<HostedScope & Issuing> = {
  name: 'ensure leaf certificates',

  async run(scope, signal) {
    const { run, plane, names, clusterKey, found } = scope;
    const authority = certificateOf(scope, 'ca');
    for (const [type, request] of Object.entries(wantedBy(plane)) as [LeafType, CertificateRequest][]) {
      const key = { namespace: clusterKey.namespace, name: names.certificate(type) };
      const stored = await run.kube.get(Secret, key, signal);
      const pair = fromSecretData(stored?.data);
      const good = pair && isGood(pair, { authority, request, now: run.clock.now() });
      const kept = good ? pair : await make(scope, { type, request, isStored: stored !== undefined }, signal);
      found.certificates = { ...found.certificates, [type]: kept };
    }
    return done;
  },
};

/** A plane with another network for Services has another address to answer at. */
const isGood = (
  { certPem }: CertificatePair,
  { authority, request, now }: { authority: CertificatePair; request: CertificateRequest; now: Date },
): boolean =>
  issuedBy(certPem, authority.certPem) &&
  !renewalDue(certPem, now) &&
  (request.ips ?? []).every((ip) => new X509Certificate(certPem).checkIP(ip) !== undefined);

async function make(
  scope: HostedScope & Issuing,
  { type, request, isStored }: { type: LeafType; request: CertificateRequest; isStored: boolean },
  signal: AbortSignal,
): Promise<CertificatePair> {
  const now = scope.run.clock.now();
  const pair = await issue(certificateOf(scope, 'ca'), { ...request, commonName: type, days, now });
  scope.issuances.push(leafIssuance(scope, { type, pair, isStored }, signal));
  return pair;
}
