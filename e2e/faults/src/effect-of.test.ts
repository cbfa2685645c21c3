import { describe, expect, it } from '@jest/globals';
import { effectOf, etcdEffectOf } from './effect-of.ts';
import { hostEffect } from './host-effect.ts';

const api = (head: string) => effectOf(`${head} HTTP/1.1\r\nhost: x\r\n`);

describe('an effect', () => {
  it.each([
    ['PATCH /api/v1/namespaces/a/secrets/b?fieldManager=x', 'api PATCH /api/v1/namespaces/a/secrets/b'],
    ['DELETE /api/v1/namespaces/a/secrets/b', 'api DELETE /api/v1/namespaces/a/secrets/b'],
    ['GET /api/v1/namespaces/a/secrets', undefined],
    ['PUT /apis/coordination.k8s.io/v1/namespaces/a/leases/b', undefined],
    ['POST /apis/events.k8s.io/v1/namespaces/a/events', undefined],
  ])('of %s is %s', (head, wanted) => expect(api(head)).toBe(wanted));

  it('is a publish, with headers or without, and no acknowledgement or ping', () => {
    const nats = (line: string) => effectOf(Buffer.from(`${line}\r\n`));
    expect(nats('HPUB k0smotron.a.b _INBOX.1 10 20')).toBe('nats k0smotron.a.b');
    expect(nats('PUB k0smotron.a.b 20')).toBe('nats k0smotron.a.b');
    expect(nats('PUB $JS.ACK.x 4')).toBeUndefined();
    expect(nats('PING')).toBeUndefined();
  });

  it.each([
    ['/etcdserverpb.Cluster/MemberRemove', 'etcd MemberRemove'],
    ['/etcdserverpb.Maintenance/MoveLeader', 'etcd MoveLeader'],
    ['/etcdserverpb.Cluster/MemberList', undefined],
    ['/etcdserverpb.Maintenance/Status', undefined],
  ])('of etcd by %s is %s', (path, wanted) => expect(etcdEffectOf(path)).toBe(wanted));
});

describe('an effect on a host', () => {
  const text = (word: string) => Buffer.concat([number(word.length), Buffer.from(word)]);
  const number = (value: number) => Buffer.from([0, 0, 0, value]);
  /** A packet of SSH as it is before encryption: length of its padding, message, padding. */
  const packet = (kind: number, channel: number, ...rest: Buffer[]) =>
    Buffer.concat([Buffer.from([4, kind]), number(channel), ...rest, Buffer.alloc(4)]);

  it('is a command, and what it is given to read', () => {
    const channels = new Set<number>();
    expect(hostEffect(packet(94, 3, text('before')), channels)).toBeUndefined();
    expect(hostEffect(packet(98, 3, text('exec'), Buffer.from([1]), text('true')), channels)).toBe('command');
    expect(hostEffect(packet(94, 3, text('input')), channels)).toBe('input');
    expect(hostEffect(packet(94, 4, text('into a forwarded port')), channels)).toBeUndefined();
    expect(hostEffect(packet(97, 3), channels)).toBeUndefined();
    expect(hostEffect(packet(94, 3, text('the number belongs to another channel now')), channels)).toBeUndefined();
  });

  it('is no window, request of another kind or fragment', () => {
    expect(hostEffect(packet(93, 3, number(9)), new Set())).toBeUndefined();
    expect(hostEffect(packet(98, 3, text('signal'), Buffer.from([0]), text('TERM')), new Set())).toBeUndefined();
    expect(hostEffect(Buffer.from([4, 98]), new Set())).toBeUndefined();
  });
});
