import { Secret } from '@k0smotron/api';
import { done, lookAgain, type Outcome } from '@k0smotron/core';
import { hasEtcd, hasNats, type CertificateType, type HostedPlane } from '@k0smotron/hosted';
import {
  certificatePurposes,
  certificateSecretName,
  certifiesHost,
  etcdCertificatePurposes,
  fromSecretData,
  issuedBy,
  issueForEtcd,
  renewalDue,
  type CertificatePair,
  type CertificatePurpose,
  type EtcdCertificatePurpose,
} from '@k0smotron/pki';
import type { Step } from '@k0smotron/runtime';
import { leafIssuance } from '../../../hosted/leaf-issuance.ts';
import { etcdClusterIdAnnotation } from '../../../hosted/names.ts';
import type { PlaneCertificates } from '../../../hosted/plane.ts';
import { createCertificate } from '../../../secrets/cluster-certificates.ts';
import { giveBackOwner } from '../../../secrets/give-back-owner.ts';
import type { Issuing } from '../../../secrets/issuing.ts';
import type { HostedScope } from '../scope.ts';

/** Secrets are not watched (SR-18). */
const missingAgainMs = 10_000;

/** Pods may run, or have run, with the keys that were there: new authorities would cut them off for ever. */
const mayRun = ({ cluster, controlPlane, etcd }: HostedScope): boolean =>
  controlPlane !== undefined ||
  etcd !== undefined ||
  cluster.metadata.annotations?.[etcdClusterIdAnnotation] !== undefined;

/** The authorities, made once and then only looked for, and what etcd's issues, made anew at half of its life. */
export const ensureCertificates: Step<HostedScope & Issuing> = {
  name: 'ensure certificates',

  async run(scope, signal) {
    const { plane, found, issuances } = scope;
    const leaves = leavesOf(plane);
    const pairs = await read(scope, [...certificatePurposes, ...leaves], signal);
    const missing = certificatePurposes.filter((purpose) => !pairs[purpose]);
    const problem = whyNotMade(scope, [...missing, ...leaves.filter((purpose) => !pairs[purpose])]);
    if (problem) return hold(scope, problem);
    const make = async (purpose: CertificatePurpose): Promise<void> => {
      const { pair, issuance } = await createCertificate(scope, purpose, signal);
      pairs[purpose] = pair;
      issuances.push(issuance);
    };
    await Promise.all(missing.map(make));
    const authority = pairs.etcd;
    const ensure = async (purpose: EtcdCertificatePurpose): Promise<void> => {
      if (authority) pairs[purpose] = await ensureLeaf(scope, { purpose, authority, stored: pairs[purpose] }, signal);
    };
    await Promise.all(leaves.map(ensure));
    found.certificates = pairs;
    return done;
  },
};

/** Servers of NATS talk to each other as etcd's members do. */
function leavesOf({ spec }: HostedPlane): readonly EtcdCertificatePurpose[] {
  if (hasNats(spec)) return ['etcd-peer'];
  return hasEtcd(spec) ? etcdCertificatePurposes : [];
}

/** The pairs that are stored; ours get their owner back where it was removed. */
async function read(
  scope: HostedScope,
  types: readonly CertificateType[],
  signal: AbortSignal,
): Promise<PlaneCertificates> {
  const { run, names, clusterKey } = scope;
  const { namespace } = clusterKey;
  const pairs = await Promise.all(
    types.map(async (type) => {
      const secret = await run.kube.get(Secret, { namespace, name: names.certificate(type) }, signal);
      if (secret && !isGiven(scope, type)) await giveBackOwner(run, secret, signal);
      return [type, fromSecretData(secret?.data)] as const;
    }),
  );
  return Object.fromEntries(pairs.filter(([, pair]) => pair !== undefined));
}

/** Named by `spec.certificateRefs`: the user's own. */
const isGiven = ({ names, clusterKey }: HostedScope, type: CertificateType): boolean =>
  names.certificate(type) !== `${clusterKey.name}-${type}`;

/** Somebody else's Secret is waited for; an authority of pods that run is never made a second time (CP-16). */
function whyNotMade(scope: HostedScope, missing: readonly CertificateType[]): string | undefined {
  const { names, clusterKey } = scope;
  const given = missing.filter((type) => isGiven(scope, type)).map(names.certificate);
  if (given.length > 0) return `Missing Secrets that spec.certificateRefs names: ${given.join(', ')}`;
  const authorities = certificatePurposes.filter((purpose) => missing.includes(purpose));
  if (authorities.length === 0 || !mayRun(scope)) return undefined;
  const lost = authorities.map((purpose) => certificateSecretName(clusterKey.name, purpose)).join(', ');
  return `Missing Secrets: ${lost}. New ones would break the running cluster: restore them`;
}

function hold({ run }: HostedScope, message: string): Outcome {
  run.report({ type: 'CertificatesAvailable', status: 'False', reason: 'Missing', message });
  return lookAgain(missingAgainMs, message);
}

/** Members that were certified before they had Services of their own get those names now; etcd reads the file again by itself. */
function isGood(
  { run, plane, names }: HostedScope,
  {
    purpose,
    authority,
    stored,
  }: { purpose: EtcdCertificatePurpose; authority: CertificatePair; stored: CertificatePair },
): boolean {
  const { certPem } = stored;
  const isNamed = purpose !== 'etcd-peer' || !hasEtcd(plane.spec) || certifiesHost(certPem, names.etcdPeerHost(0));
  return isNamed && issuedBy(certPem, authority.certPem) && !renewalDue(certPem, run.clock.now());
}

async function ensureLeaf(
  scope: HostedScope & Issuing,
  wanted: { purpose: EtcdCertificatePurpose; authority: CertificatePair; stored: CertificatePair | undefined },
  signal: AbortSignal,
): Promise<CertificatePair> {
  const { run, names, clusterKey, plane, issuances } = scope;
  const { purpose, authority, stored } = wanted;
  const now = run.clock.now();
  if (stored && (isGiven(scope, purpose) || isGood(scope, { purpose, authority, stored }))) return stored;
  const namespace = clusterKey.namespace ?? '';
  const serviceName = hasNats(plane.spec) ? names.nats : names.etcd;
  const pair = await issueForEtcd(authority, purpose, { serviceName, namespace, now });
  issuances.push(leafIssuance(scope, { type: purpose, pair, isStored: stored !== undefined }, signal));
  return pair;
}
