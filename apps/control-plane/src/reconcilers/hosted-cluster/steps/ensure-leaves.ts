import { X509Certificate } from 'node:crypto';
import { Secret } from '@k0smotron/api';
import { controllerRef, done } from '@k0smotron/core';
import { haproxyNames, isMonitored, type HostedPlane, type LeafType } from '@k0smotron/hosted';
import {
  fromSecretData,
  issue,
  issuedBy,
  renewalDue,
  toSecretData,
  type CertificatePair,
  type CertificateRequest,
} from '@k0smotron/pki';
import type { Step } from '@k0smotron/runtime';
import { fieldManager } from '../../../names.ts';
import { issuing } from '../../../secrets/issuing.ts';
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
export const ensureLeaves: Step<HostedScope> = {
  name: 'ensure leaf certificates',

  async run(scope, signal) {
    const { run, plane, names, clusterKey, found } = scope;
    const authority = certificateOf(scope, 'ca');
    for (const [type, request] of Object.entries(wantedBy(plane)) as [LeafType, CertificateRequest][]) {
      const key = { namespace: clusterKey.namespace, name: names.certificate(type) };
      const stored = await run.kube.get(Secret, key, signal);
      const pair = fromSecretData(stored?.data);
      const good = pair && isGood(pair, { authority, request, now: run.clock.now() });
      const kept = good ? pair : await renew(scope, { type, request, stored }, signal);
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

async function renew(
  scope: HostedScope,
  { type, request, stored }: { type: LeafType; request: CertificateRequest; stored: Secret | undefined },
  signal: AbortSignal,
): Promise<CertificatePair> {
  const { run, names, clusterKey, cluster } = scope;
  const pair = await issue(certificateOf(scope, 'ca'), { ...request, commonName: type, days, now: run.clock.now() });
  const data = toSecretData(pair);
  const key = { namespace: clusterKey.namespace, name: names.certificate(type) };
  const metadata = { ...key, ownerReferences: [controllerRef(cluster)] };
  const write = (): Promise<Secret> =>
    stored
      ? run.kube.patch(Secret, key, { type: 'merge', body: { data } }, { fieldManager }, signal)
      : run.kube.create(Secret, { metadata, type: 'cluster.x-k8s.io/secret', data }, { fieldManager }, signal);
  await issuing(scope, { purpose: type, pem: pair.certPem, secretName: key.name }, write, signal);
  if (stored) run.event('Normal', 'CertificateRenewed', `Secret ${key.name} has a new certificate`);
  return pair;
}
