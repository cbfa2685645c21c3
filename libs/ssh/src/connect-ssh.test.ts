import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import ssh2 from 'ssh2';
import { newKeyPair } from '../testing/keys.ts';
import { AuthError, ConnectError, connectSsh } from './index.ts';

const target = { host: '127.0.0.1', port: 1, user: 'root', privateKey: newKeyPair().privateKey };

describe('connectSsh', () => {
  it('names address, reason and way out when nothing listens', async () => {
    const failure = connectSsh(target);
    await expect(failure).rejects.toBeInstanceOf(ConnectError);
    await expect(failure).rejects.toThrow(/127\.0\.0\.1:1: no SSH connection \(ECONNREFUSED\); check the address/);
  });

  it('gives up on a peer that never speaks', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const failure = connectSsh({ ...target, port, readyTimeoutMs: 100 });
    await expect(failure).rejects.toThrow(`127.0.0.1:${port}: no SSH session after 100 ms`);
    server.close();
  });

  it('stops when aborted', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(connectSsh({ ...target, port }, AbortSignal.timeout(50))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    server.close();
  });

  it.each([
    ['text that is no key', 'correct horse battery', /cannot be|is not a private key/],
    ['an empty key', '', /is not a private key/],
    ['a public key', newKeyPair().publicKey, /public key/],
    ['a key with passphrase', encryptedKey(), /has a passphrase/],
  ])('refuses %s without repeating it', async (_what, privateKey, message) => {
    const failure = connectSsh({ ...target, privateKey });
    await expect(failure).rejects.toBeInstanceOf(AuthError);
    await expect(failure).rejects.toThrow(message);
    if (privateKey !== '') await expect(failure).rejects.not.toThrow(privateKey);
  });
});

function encryptedKey(): string {
  return ssh2.utils.generateKeyPairSync('ed25519', { passphrase: 'secret', cipher: 'aes256-ctr', rounds: 16 }).private;
}
