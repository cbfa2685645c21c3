import { createCa, issue, type CertificatePair } from '@k0smotron/pki';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { certificateHealth, type HeldCertificate } from './certificate-health.ts';

const begin = new Date('2026-01-01T00:00:00Z');
const after = (days: number): Date => new Date(begin.getTime() + days * 86_400_000);

let ca: HeldCertificate;
let leaf: HeldCertificate;
let foreign: CertificatePair;

beforeAll(async () => {
  const [own, other] = (await Promise.all(
    ['own', 'other'].map((commonName) => createCa({ commonName, years: 10, now: begin })),
  )) as [CertificatePair, CertificatePair];
  const request = { commonName: 'etcd-peer', usages: ['client'], days: 365, now: begin } as const;
  ca = { ...own, secret: 'c-etcd', renewed: false };
  leaf = { ...(await issue(own, request)), secret: 'c-etcd-peer', renewed: true, authorityPem: own.certPem };
  foreign = await issue(other, request);
}, 60_000);

describe('certificateHealth', () => {
  it('names what ends next, and when it is made anew', () => {
    const half = 'The next to end is that of Secret c-etcd-peer, on 2027-01-01; it is made anew on 2026-07-02';
    expect(certificateHealth([ca, leaf], after(1))).toEqual({ status: 'True', reason: 'Valid', message: half });
    expect(certificateHealth([ca, leaf], after(180)).message).toBe(half);
    expect(certificateHealth([ca], after(1)).message).toBe('The next to end is that of Secret c-etcd, on 2035-12-30');
  });

  it.each([
    ['after its end', 366, {}, 'Expired', 'Secret c-etcd-peer: the certificate ended on 2027-01-01'],
    ['before its beginning', -2, {}, 'NotYetValid', 'begins on 2025-12-31'],
    ['shortly before its end, when nobody renews it', 340, { renewed: false }, 'Expiring', 'is yours to replace'],
  ])('says so of a certificate %s', (_when, days, over, reason, message) => {
    const health = certificateHealth([{ ...leaf, ...over }], after(days));
    expect(health).toMatchObject({ status: 'False', reason });
    expect(health.message).toContain(message);
  });

  it('trusts that one which we renew is renewed in time', () => {
    expect(certificateHealth([leaf], after(340)).status).toBe('True');
  });

  it('tells a foreign certificate and a foreign key', () => {
    expect(certificateHealth([{ ...leaf, ...foreign }], after(1)).reason).toBe('ForeignAuthority');
    expect(certificateHealth([{ ...leaf, keyPem: foreign.keyPem }], after(1)).reason).toBe('ForeignKey');
    expect(certificateHealth([{ ...ca, keyPem: '' }], after(1)).status).toBe('True');
  });
});
