import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createCa, issue, type CertificatePair } from './certificates.ts';
import { clusterCertificates, createFor, fromSecretData, toSecretData } from './cluster-certificates.ts';
import { caHash, inspectCertificate, issuedBy, keyMatches, renewalDue } from './inspect.ts';
import { adminKubeconfig, toKubeconfig } from './kubeconfig.ts';

const now = new Date('2026-01-01T00:00:00Z');
let ca: CertificatePair;

beforeAll(async () => {
  ca = await createCa({ commonName: 'kubernetes', years: 10 });
});

describe('createCa', () => {
  it('is an authority of the given life', async () => {
    const { certPem, keyPem } = await createCa({ commonName: 'etcd-ca', years: 10, now });
    const facts = inspectCertificate(certPem);
    expect(facts).toMatchObject({ commonName: 'etcd-ca', isCa: true });
    expect(facts.notAfter.toISOString()).toBe('2035-12-30T00:00:00.000Z');
    expect(keyPem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(keyMatches(certPem, keyPem)).toBe(true);
  });
});

describe('issue', () => {
  it('makes a key that costs little, in the form that Go and OpenSSL read', async () => {
    const { certPem, keyPem } = await issue(ca, { commonName: 'admin', usages: ['client'], days: 1 });
    expect(keyPem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
    expect(new X509Certificate(certPem).publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(keyMatches(certPem, keyPem)).toBe(true);
  });

  it('signs what mutual TLS accepts', async () => {
    const [server, client] = await Promise.all([
      issue(ca, { commonName: 'server', dnsNames: ['localhost'], ips: ['127.0.0.1'], usages: ['server'], days: 1 }),
      issue(ca, { commonName: 'admin', organization: ['system:masters'], usages: ['client'], days: 1 }),
    ]);
    const listener = createServer(
      { cert: server.certPem, key: server.keyPem, ca: ca.certPem, requestCert: true, rejectUnauthorized: true },
      (socket) => socket.end(String(socket.getPeerCertificate().subject.O)),
    ).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as { port: number };
    const socket: TLSSocket = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: ca.certPem,
      cert: client.certPem,
      key: client.keyPem,
    });
    const [seen] = (await once(socket, 'data')) as [Buffer];
    expect(seen.toString()).toBe('system:masters');
    socket.destroy();
    listener.close();
  });

  it('lets no character of a name become another attribute', async () => {
    const { certPem } = await issue(ca, {
      commonName: 'a,O=system:masters',
      organization: ['b+c=d'],
      usages: ['client'],
      days: 1,
    });
    expect(inspectCertificate(certPem)).toMatchObject({ commonName: 'a,O=system:masters', organizations: ['b+c=d'] });
  });

  it('refuses a key that belongs to another authority, and names no key', async () => {
    const other = await createCa({ commonName: 'other', years: 1 });
    const request = { commonName: 'x', usages: ['client' as const], days: 1 };
    await expect(issue({ certPem: ca.certPem, keyPem: other.keyPem }, request)).rejects.toThrow('does not belong');
    const broken = '-----BEGIN RSA PRIVATE KEY-----\nSECRET\n-----END RSA PRIVATE KEY-----';
    const failure: unknown = await issue({ certPem: ca.certPem, keyPem: broken }, request).catch((e: unknown) => e);
    expect(String(failure)).toContain('not readable');
    expect(String(failure)).not.toContain('SECRET');
  });

  it('works with a user’s key in PKCS#8', async () => {
    const { createPrivateKey } = await import('node:crypto');
    const pkcs8 = createPrivateKey(ca.keyPem).export({ type: 'pkcs8', format: 'pem' }).toString();
    const leaf = await issue({ ...ca, keyPem: pkcs8 }, { commonName: 'x', usages: ['client'], days: 1 });
    expect(issuedBy(leaf.certPem, ca.certPem)).toBe(true);
  });

  it('refuses a host name where an address is wanted', async () => {
    const request = { commonName: 'x', ips: ['localhost'], usages: ['server' as const], days: 1 };
    await expect(issue(ca, request)).rejects.toThrow('dnsNames');
  });
});

describe('inspecting', () => {
  it('renews once half the life is over', async () => {
    const leaf = await issue(ca, { commonName: 'x', usages: ['client'], days: 365, now });
    const after = (days: number): Date => new Date(now.getTime() + days * 86_400_000);
    expect(renewalDue(leaf.certPem, after(180))).toBe(false);
    expect(renewalDue(leaf.certPem, after(185))).toBe(true);
  });

  it('knows a certificate of another authority with the same name', async () => {
    const twin = await createCa({ commonName: 'kubernetes', years: 10 });
    const leaf = await issue(ca, { commonName: 'x', usages: ['client'], days: 1 });
    expect(issuedBy(leaf.certPem, ca.certPem)).toBe(true);
    expect(issuedBy(leaf.certPem, twin.certPem)).toBe(false);
    expect(caHash(twin.certPem)).not.toBe(caHash(ca.certPem));
    expect(caHash(ca.certPem)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('finds no match with a foreign or broken key', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(keyMatches(ca.certPem, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toBe(false);
    expect(keyMatches(ca.certPem, 'nonsense')).toBe(false);
  });
});

describe('a cluster’s certificates', () => {
  it('are three different authorities and a service account key', async () => {
    const { ca: main, etcd, proxy, sa } = await clusterCertificates();
    expect(new Set([main, etcd, proxy].map(({ certPem }) => caHash(certPem))).size).toBe(3);
    expect(sa.publicPem).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    expect(sa.privatePem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
  });

  it('go into Secrets and come back', async () => {
    const pair = await createFor('sa');
    expect(fromSecretData(toSecretData(pair))).toEqual(pair);
    expect(fromSecretData({})).toBeUndefined();
    expect(fromSecretData(undefined)).toBeUndefined();
  });
});

describe('kubeconfig', () => {
  it('has the names that Cluster API looks up', async () => {
    const text = await adminKubeconfig(ca, { clusterName: 'demo', server: 'https://10.0.0.1:6443' });
    expect(text).toContain('current-context: "demo-admin@demo"');
    expect(text).toContain('- name: "demo"\n  cluster:\n    server: "https://10.0.0.1:6443"');
    const certificate = /client-certificate-data: (\S+)/.exec(text)?.[1] ?? '';
    const facts = inspectCertificate(Buffer.from(certificate, 'base64').toString());
    expect(facts).toMatchObject({ commonName: 'kubernetes-admin', organizations: ['system:masters'] });
    expect(new X509Certificate(Buffer.from(certificate, 'base64')).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });

  it('names a proxy when there is one, and quotes what it is given', () => {
    const text = toKubeconfig({
      clusterName: 'a: b"c',
      server: 'https://x',
      caPem: '',
      user: 'u',
      certPem: '',
      keyPem: '',
      proxyUrl: 'http://p:1',
    });
    expect(text).toContain('proxy-url: "http://p:1"');
    expect(text).toContain('- name: "a: b\\"c"');
  });
});
