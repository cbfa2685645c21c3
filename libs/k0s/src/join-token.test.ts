import { describe, expect, it } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import {
  bootstrapTokenSecret,
  decodeJoinToken,
  encodeJoinToken,
  newBootstrapToken,
  tokenExpiration,
  tokenExtension,
} from './join-token.ts';

const token = { id: 'abcdef', secret: '0123456789abcdef' };
const text = (data: Readonly<Record<string, string>>, key: string): string =>
  Buffer.from(data[key] ?? '', 'base64').toString();

describe('newBootstrapToken', () => {
  it('has the form that Kubernetes wants', () => {
    const { id, secret } = newBootstrapToken();
    expect(`${id}.${secret}`).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
  });

  it('uses every letter as often as the others', () => {
    const count = new Map<string, number>();
    for (let i = 0; i < 3000; i += 1) {
      const { secret } = newBootstrapToken();
      for (const letter of secret) count.set(letter, (count.get(letter) ?? 0) + 1);
    }
    const expected = (3000 * 16) / 36;
    expect(count.size).toBe(36);
    for (const seen of count.values()) expect(Math.abs(seen - expected)).toBeLessThan(expected * 0.15);
  });
});

describe('bootstrapTokenSecret', () => {
  const options = { token, expiresAt: new Date('2026-01-01T00:30:00Z'), description: 'for Machine default/m-0' };

  it('lets a worker authenticate and nothing else', () => {
    const secret = bootstrapTokenSecret({ ...options, role: 'worker' });
    expect(secret.metadata).toEqual({ name: 'bootstrap-token-abcdef', namespace: 'kube-system' });
    expect(secret.type).toBe('bootstrap.kubernetes.io/token');
    expect(text(secret.data, 'expiration')).toBe('2026-01-01T00:30:00Z');
    expect(text(secret.data, 'usage-bootstrap-authentication')).toBe('true');
    expect(text(secret.data, 'usage-bootstrap-api-worker-calls')).toBe('true');
    expect(secret.data['usage-controller-join']).toBeUndefined();
  });

  it('lets a controller join but not authenticate as a node', () => {
    const secret = bootstrapTokenSecret({ ...options, role: 'controller' });
    expect(text(secret.data, 'usage-controller-join')).toBe('true');
    expect(text(secret.data, 'usage-bootstrap-authentication')).toBe('false');
    expect(text(secret.data, 'usage-bootstrap-signing')).toBe('false');
  });
});

describe('a token’s end', () => {
  it('is read and moved', () => {
    const end = new Date('2026-01-01T01:00:00Z');
    expect(tokenExpiration(tokenExtension(end).data)).toEqual(end);
    expect(tokenExpiration({})).toBeUndefined();
    expect(tokenExpiration(undefined)).toBeUndefined();
  });
});

describe('encodeJoinToken', () => {
  const joined = { server: 'https://10.0.0.1:9443', caPem: 'PEM', tokenId: token.id, tokenSecret: token.secret };

  it.each([
    ['worker' as const, 'kubelet-bootstrap'],
    ['controller' as const, 'controller-bootstrap'],
  ])('tells a %s to come as %s', (role, user) => {
    const config = JSON.parse(gunzipSync(Buffer.from(encodeJoinToken({ role, ...joined }), 'base64')).toString());
    expect(config).toMatchObject({
      'current-context': 'k0s',
      clusters: [{ name: 'k0s', cluster: { server: 'https://10.0.0.1:9443', 'certificate-authority-data': 'UEVN' } }],
      contexts: [{ name: 'k0s', context: { cluster: 'k0s', user } }],
      users: [{ name: user, user: { token: 'abcdef.0123456789abcdef' } }],
    });
  });

  it('gives the same text for the same token', () => {
    expect(encodeJoinToken({ role: 'worker', ...joined })).toBe(encodeJoinToken({ role: 'worker', ...joined }));
  });

  it('is read back, and a text that is none is refused without being quoted', () => {
    expect(decodeJoinToken(`${encodeJoinToken({ role: 'worker', ...joined })}\n`)).toContain('kubelet-bootstrap');
    expect(() => decodeJoinToken('c2VjcmV0')).toThrow('not a k0s join token');
  });
});
