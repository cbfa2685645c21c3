import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createCa, type CertificatePair } from './certificates.ts';
import { issueForEtcd } from './etcd-certificates.ts';
import { certifiesHost, inspectCertificate, issuedBy, keyMatches } from './inspect.ts';

const members = { serviceName: 'kmc-c-etcd', namespace: 'ns', now: new Date('2026-01-01T00:00:00Z') };
let authority: CertificatePair;

beforeAll(async () => {
  authority = await createCa({ commonName: 'etcd-ca', years: 10, now: members.now });
});

describe('issueForEtcd', () => {
  it.each(['etcd-server', 'etcd-peer'] as const)('certifies any pod behind the Service for %s', async (purpose) => {
    const { certPem, keyPem } = await issueForEtcd(authority, purpose, members);
    const certificate = new X509Certificate(certPem);
    expect(certificate.checkHost('kmc-c-etcd-2.kmc-c-etcd.ns.svc')).toBe('*.kmc-c-etcd.ns.svc');
    expect(certificate.checkHost('kmc-c-etcd.ns.svc')).toBe('kmc-c-etcd.ns.svc');
    expect(certifiesHost(certPem, 'kmc-c-etcd-2.ns.svc')).toBe(true);
    expect(certifiesHost(certPem, 'kmc-c-etcd-2.other.svc')).toBe(false);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('kmc-d-etcd-0.kmc-d-etcd.ns.svc')).toBeUndefined();
    expect(keyMatches(certPem, keyPem)).toBe(true);
    expect(issuedBy(certPem, authority.certPem)).toBe(true);
  });

  it('gives the API server a certificate that nobody can listen with, for a year', async () => {
    const { certPem } = await issueForEtcd(authority, 'apiserver-etcd-client', members);
    const certificate = new X509Certificate(certPem);
    expect(certificate.subjectAltName).toBeUndefined();
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(inspectCertificate(certPem).notAfter.toISOString()).toBe('2027-01-01T00:00:00.000Z');
  });
});
