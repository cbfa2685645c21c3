import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, type Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startFakeKubelet } from '../testing/index.ts';
import { connectKube } from './connect-kube.ts';
import { UnreachableError } from './errors.ts';

const pod = { namespace: 'a', name: 'etcd-0' };
const closers: (() => Promise<unknown>)[] = [];
const clientOf = (port: number) => {
  const client = connectKube({ server: `http://127.0.0.1:${port}`, token: 't' });
  closers.push(() => client.close());
  return client;
};
const kubelet = async (dial: () => Promise<Duplex>) => {
  const fake = await startFakeKubelet({ dial });
  closers.push(() => fake.close());
  return fake;
};

describe('forward', () => {
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  it('carries bytes both ways, in order, however many they are', async () => {
    const fake = await kubelet(() => Promise.resolve(new PassThrough()));
    const stream = await clientOf(fake.port).forward(pod, 2379, AbortSignal.timeout(5000));
    const sent = Buffer.alloc(300_000, Buffer.from('0123456789abc'));
    for (let at = 0; at < sent.length; at += 50_000) stream.write(sent.subarray(at, at + 50_000));
    const got: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      got.push(chunk);
      if (Buffer.concat(got).length >= sent.length) break;
    }
    expect(Buffer.concat(got).equals(sent)).toBe(true);
    expect(fake.asked).toEqual(['/api/v1/namespaces/a/pods/etcd-0/portforward?ports=2379']);
  });

  it('ends with the words of the kubelet when the pod does not listen', async () => {
    const fake = await kubelet(() => Promise.reject(new Error('connection refused in the pod')));
    const stream = await clientOf(fake.port).forward(pod, 2379);
    const [cause] = (await once(stream, 'error')) as [Error];
    expect(cause).toBeInstanceOf(UnreachableError);
    expect(cause.message).toBe('port 2379 of pod a/etcd-0: connection refused in the pod');
  });

  it('ends when the other side goes', async () => {
    const behind = new PassThrough();
    const fake = await kubelet(() => Promise.resolve(behind));
    const stream = await clientOf(fake.port).forward(pod, 2379);
    const closed = new Promise<void>((resolve) => void stream.resume().once('close', resolve));
    behind.destroy();
    await closed;
    expect(stream.destroyed).toBe(true);
  });

  it('ends both ways when the process in the pod has said all', async () => {
    const behind = new PassThrough({ autoDestroy: false });
    const fake = await kubelet(() => Promise.resolve(behind));
    const stream = await clientOf(fake.port).forward(pod, 2379);
    const closed = new Promise<void>((resolve) => void stream.resume().once('close', resolve));
    behind.end();
    await closed;
    expect(stream.writable).toBe(false);
  });

  it('says so when the API server refuses, and heeds its signal', async () => {
    const server = createServer((_request, response) => response.writeHead(403).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    const client = clientOf((server.address() as AddressInfo).port);
    await expect(client.forward(pod, 2379)).rejects.toThrow(/^port 2379 of pod a\/etcd-0: /);
    await expect(client.forward(pod, 2379, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
