import { describe, expect, it } from '@jest/globals';
import { endOf, endsSought, kindOf } from './aim.ts';

const patch = 'api PATCH /apis/infrastructure.cluster.x-k8s.io/v1beta2/namespaces/default/remotemachines/one/status';

describe('what a life aims at', () => {
  it('is a kind of effect, whatever the objects are called', () => {
    expect(kindOf(patch)).toBe('api PATCH remotemachines/status');
    expect(kindOf('api POST /api/v1/namespaces/default/secrets')).toBe('api POST secrets');
    expect(kindOf('nats k0smotron.infrastructure.default.hosts.remotemachine.reserved')).toBe('nats reserved');
    expect(kindOf('ssh command 192.0.2.1')).toBe('ssh command');
    expect(kindOf('etcd MemberRemove')).toBe('etcd MemberRemove');
  });

  it('is each kind in both moments, and nothing once it had both', () => {
    const had: string[] = [];
    const next = () => endsSought(had.join('\n'))(patch);
    expect(next()).toBe('sent');
    had.push(endOf('sent', patch));
    expect(next()).toBe('answered');
    had.push(endOf('answered', patch));
    expect(next()).toBeUndefined();
    expect(endsSought(had.join('\n'))('etcd MemberRemove')).toBe('sent');
  });

  it('is nothing where nobody asked for it', () => {
    expect(endsSought(undefined)(patch)).toBeUndefined();
  });
});
