import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLab, type Lab } from '@k0smotron/lab';
import { createCa, issue } from '@k0smotron/pki';
import { connectEtcd, EtcdUnreachableError } from '../src/index.ts';
import { etcdContract } from '../testing/etcd-contract.ts';
import { dial, realEtcd, type RealEtcd } from '../testing/real-etcd.ts';

etcdContract('real etcd', async () => {
  const lab = await openLab();
  const world = await realEtcd(lab, ['a', 'b', 'c']);
  return { ...world, close: () => lab.close() };
});

describe('connecting to real etcd', () => {
  let lab: Lab;
  let world: RealEtcd;
  beforeAll(async () => {
    lab = await openLab();
    world = await realEtcd(lab, ['a']);
  });
  afterAll(() => lab.close());

  it('does not talk to a server of another authority', async () => {
    const other = await createCa({ commonName: 'etcd-ca', years: 1 });
    const client = await issue(other, { commonName: 'intruder', usages: ['client'], days: 1 });
    const connecting = connectEtcd({ open: () => dial(world.port('a')), caPem: other.certPem, ...client });
    await expect(connecting).rejects.toThrow(EtcdUnreachableError);
  });

  it('says so when the server refuses our certificate', async () => {
    const other = await createCa({ commonName: 'etcd-ca', years: 1 });
    const client = await issue(other, { commonName: 'intruder', usages: ['client'], days: 1 });
    // With TLS 1.3 the refusal comes after the handshake, with the first answer.
    const asked = connectEtcd({ open: () => dial(world.port('a')), caPem: world.caPem, ...client }).then((admin) =>
      admin.status(),
    );
    await expect(asked).rejects.toThrow(EtcdUnreachableError);
  });

  it('ends calls in flight when the connection is cut', async () => {
    const admin = await world.connect('a');
    const asked = admin.status();
    admin.close();
    await expect(asked).rejects.toThrow(EtcdUnreachableError);
    await expect(admin.status()).rejects.toThrow(EtcdUnreachableError);
  });

  it('stops when the caller gives up', async () => {
    const admin = await world.connect('a');
    await expect(admin.members({}, AbortSignal.abort(new Error('no more')))).rejects.toThrow('no more');
    expect((await admin.status()).leader).toBeDefined();
    admin.close();
  });
});

describe('connecting to something that never answers', () => {
  let silent: Server;
  beforeAll(async () => {
    silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  afterAll(() => void silent.close());

  it('gives up in time', async () => {
    const { port } = silent.address() as { port: number };
    const ca = await createCa({ commonName: 'etcd-ca', years: 1 });
    const client = await issue(ca, { commonName: 'k0smotron', usages: ['client'], days: 1 });
    const connecting = connectEtcd({ open: () => dial(port), caPem: ca.certPem, ...client, timeoutMs: 200 });
    await expect(connecting).rejects.toThrow('no answer in time');
  });
});
