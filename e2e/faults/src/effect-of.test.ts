import type { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { effectOf } from './effect-of.ts';

const socket = (remotePort: number): Socket => ({ remotePort, remoteAddress: '192.0.2.1' }) as Socket;
const api = (head: string) => effectOf(socket(6443), `${head} HTTP/1.1\r\nhost: x\r\n`);

describe('an effect', () => {
  it.each([
    ['PATCH /api/v1/namespaces/a/secrets/b?fieldManager=x', 'api PATCH /api/v1/namespaces/a/secrets/b'],
    ['DELETE /api/v1/namespaces/a/secrets/b', 'api DELETE /api/v1/namespaces/a/secrets/b'],
    ['GET /api/v1/namespaces/a/secrets', undefined],
    ['PUT /apis/coordination.k8s.io/v1/namespaces/a/leases/b', undefined],
    ['POST /apis/events.k8s.io/v1/namespaces/a/events', undefined],
  ])('of %s is %s', (head, wanted) => expect(api(head)).toBe(wanted));

  it('is a publish, with headers or without, and no acknowledgement or ping', () => {
    const nats = (line: string) => effectOf(socket(4222), Buffer.from(`${line}\r\n`));
    expect(nats('HPUB k0smotron.a.b _INBOX.1 10 20')).toBe('nats k0smotron.a.b');
    expect(nats('PUB k0smotron.a.b 20')).toBe('nats k0smotron.a.b');
    expect(nats('PUB $JS.ACK.x 4')).toBeUndefined();
    expect(nats('PING')).toBeUndefined();
  });

  it('is each SSH packet after key exchange and login', () => {
    const host = socket(22);
    const seen = Array.from({ length: 10 }, () => effectOf(host, Buffer.from('x')));
    expect(seen.filter((it) => it !== undefined)).toEqual(['ssh 192.0.2.1 packet 1', 'ssh 192.0.2.1 packet 2']);
  });
});
