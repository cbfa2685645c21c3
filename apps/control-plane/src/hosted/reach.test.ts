import { createServer as createPlain, type Server } from 'node:net';
import { createServer } from 'node:tls';
import { once } from 'node:events';
import { createCa, issue, type CertificatePair } from '@k0smotron/pki';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { reach, reachProblem } from './reach.ts';

const host = '127.0.0.1';
let ca: CertificatePair;
let other: CertificatePair;
let leaf: CertificatePair;
let server: Server | undefined;

beforeAll(async () => {
  [ca, other] = (await Promise.all(['a', 'b'].map((commonName) => createCa({ commonName, years: 1 })))) as [
    CertificatePair,
    CertificatePair,
  ];
  leaf = await issue(ca, { commonName: 'server', ips: [host], usages: ['server'], days: 1 });
}, 60_000);

afterEach(() => {
  server?.close();
});

async function listen(one: Server): Promise<number> {
  server = one.listen(0, host);
  await once(one, 'listening');
  const address = one.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const signal = new AbortController().signal;

describe('the way of a worker', () => {
  it('is free where the plane itself answers', async () => {
    const port = await listen(createServer({ cert: leaf.certPem, key: leaf.keyPem }));
    expect(await reach({ host, port }, ca.certPem, signal)).toBeUndefined();
  });

  it('is not free where somebody else ends TLS', async () => {
    const port = await listen(createServer({ cert: leaf.certPem, key: leaf.keyPem }));
    expect(await reach({ host, port }, other.certPem, signal)).toMatchObject({ reason: 'ForeignCertificate' });
  });

  it('is not free where nobody listens, or no TLS is spoken', async () => {
    const port = await listen(createPlain((socket) => socket.resume().end('hello')));
    expect(await reach({ host, port }, ca.certPem, signal)).toMatchObject({ reason: 'NoTLS' });
    const closing = server;
    await new Promise((resolve) => closing?.close(resolve));
    expect(await reach({ host, port }, ca.certPem, signal)).toEqual({
      reason: 'ConnectionRefused',
      message: `https://${host}:${port}: nobody listens there: check the Service and what stands before it`,
    });
  });

  it.each([
    ['ENOTFOUND', 'NameUnknown'],
    ['EAI_AGAIN', 'NameUnknown'],
    ['ABORT_ERR', 'NoRoute'],
    ['EHOSTUNREACH', 'NoRoute'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'ForeignCertificate'],
    ['CERT_HAS_EXPIRED', 'ForeignCertificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'NoTLS'],
  ])('ends with %s: %s', (code, reason) => {
    const problem = reachProblem({ host: '2001:db8::1', port: 443 }, Object.assign(new Error(code), { code }));
    expect(problem.reason).toBe(reason);
    expect(problem.message).toMatch(/^https:\/\/\[2001:db8::1\]:443: ./);
  });
});
