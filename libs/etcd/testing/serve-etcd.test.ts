import { connect } from 'node:net';
import { createCa, issue } from '@k0smotron/pki';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectEtcd, EtcdRefusedError, observeEtcd } from '../src/index.ts';
import { serveEtcd } from './serve-etcd.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

describe('a played etcd', () => {
  it('looks like one healthy member to whoever has a certificate, and refuses changes', async () => {
    const ca = await createCa({ commonName: 'etcd', years: 1 });
    const pair = await issue(ca, { commonName: 'a', dnsNames: ['a.test'], usages: ['server', 'client'], days: 1 });
    const [name, peerUrl] = ['a', 'https://a.test:2380'];
    const tls = { ...pair, caPem: ca.certPem };
    const { port, close } = await serveEtcd({ host: '127.0.0.1', port: 0, tls, name, peerUrl });
    closing.push(close);
    const dial = () =>
      connectEtcd({
        ...{ open: () => Promise.resolve(connect({ host: '127.0.0.1', port })), serverName: 'a.test' },
        ...{ caPem: ca.certPem, certPem: pair.certPem, keyPem: pair.keyPem },
      });
    const seen = await observeEtcd([{ name, connect: dial }], new Date('2026-01-01T00:00:00Z'));
    expect(seen).toMatchObject({ leader: '7', members: [{ name, healthy: true, learner: false, started: true }] });
    const admin = await dial();
    closing.push(() => admin.close());
    await expect(admin.removeMember('7')).rejects.toThrow(EtcdRefusedError);
  });
});
