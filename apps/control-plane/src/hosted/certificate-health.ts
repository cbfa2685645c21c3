import { rfc3339 } from '@k0smotron/core';
import { inspectCertificate, issuedBy, keyMatches, type CertificatePair } from '@k0smotron/pki';
import type { ConditionInput } from '@k0smotron/runtime';

/** One certificate of a plane, and who looks after it. */
export interface HeldCertificate extends CertificatePair {
  /** Name of the Secret that it is in. */
  readonly secret: string;
  /** Certificate of the authority that should have signed it; unset for an authority. */
  readonly authorityPem?: string;
  /** We make it anew at half of its life; authorities, and what users bring, are theirs to replace. */
  readonly renewed: boolean;
}

type Health = Pick<ConditionInput, 'status' | 'reason' | 'message'>;

const dayMs = 86_400_000;
/** Time to replace something by hand before it ends. */
const warningMs = 30 * dayMs;

/**
 * Whether all certificates of a plane are good, and which ends next. Says the same until something changes: dates, never what
 * is left of them (C-03).
 */
export function certificateHealth(held: readonly HeldCertificate[], now: Date): Health {
  const all = held
    .map((one) => ({ ...one, ...inspectCertificate(one.certPem) }))
    .sort((a, b) => a.notAfter.getTime() - b.notAfter.getTime());
  for (const { secret, certPem, keyPem, authorityPem, renewed, notBefore, notAfter } of all) {
    if (notAfter <= now) return bad('Expired', `Secret ${secret}: the certificate ended on ${dayOf(notAfter)}`);
    if (notBefore > now)
      return bad(
        'NotYetValid',
        `Secret ${secret}: the certificate begins on ${dayOf(notBefore)}: look at our host's clock`,
      );
    if (authorityPem !== undefined && !issuedBy(certPem, authorityPem))
      return bad(
        'ForeignAuthority',
        `Secret ${secret}: the certificate is not signed by the authority of this Cluster`,
      );
    // Who brings an authority of etcd may keep its key.
    if (keyPem && !keyMatches(certPem, keyPem))
      return bad('ForeignKey', `Secret ${secret}: the key does not belong to the certificate`);
    if (!renewed && notAfter.getTime() - now.getTime() < warningMs)
      return bad('Expiring', `Secret ${secret}: the certificate ends on ${dayOf(notAfter)}, and is yours to replace`);
  }
  const [next] = all;
  return { status: 'True', reason: 'Valid', message: next ? nextOf(next) : '' };
}

function nextOf({ secret, renewed, notBefore, notAfter }: HeldCertificate & { notBefore: Date; notAfter: Date }) {
  const half = new Date((notBefore.getTime() + notAfter.getTime()) / 2);
  const how = renewed ? `; it is made anew on ${dayOf(half)}` : '';
  return `The next to end is that of Secret ${secret}, on ${dayOf(notAfter)}${how}`;
}

const bad = (reason: string, message: string): Health => ({ status: 'False', reason, message });

/** The day in UTC. */
const dayOf = (date: Date): string => rfc3339(date).slice(0, 10);
