import { describe, expect, it } from '@jest/globals';
import { annotations, type PooledRemoteMachine } from '@k0smotron/api';
import { chooseHost, stateOf } from './pool.ts';

interface HostShape {
  readonly pool?: string;
  readonly holder?: string;
  readonly dirty?: string;
  readonly deleting?: boolean;
}

function aHost(name: string, { pool = 'default', holder, dirty, deleting }: HostShape = {}): PooledRemoteMachine {
  return {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
    kind: 'PooledRemoteMachine',
    metadata: {
      name,
      namespace: 'default',
      annotations: {
        ...(holder ? { [annotations.reservedBy]: holder } : {}),
        ...(dirty ? { [annotations.dirty]: dirty } : {}),
      },
      ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { pool, machine: { address: '192.0.2.1', sshKeyRef: { name: 'key' } } },
  } as unknown as PooledRemoteMachine;
}

describe('chooseHost', () => {
  it('offers free hosts of the pool by name, so that users can foresee the order', () => {
    const hosts = [aHost('c'), aHost('a'), aHost('b', { holder: 'other' }), aHost('x', { pool: 'another' })];
    const choice = chooseHost('default', hosts, 'mine');
    expect(choice).toMatchObject({
      kind: 'free',
      candidates: [{ metadata: { name: 'a' } }, { metadata: { name: 'c' } }],
    });
  });

  it('comes back to the host that the machine holds already, whatever else is free', () => {
    expect(chooseHost('default', [aHost('a'), aHost('b', { holder: 'mine' })], 'mine')).toMatchObject({
      kind: 'held',
      host: { metadata: { name: 'b' } },
    });
  });

  it.each([
    { given: 'dirty', host: aHost('a', { dirty: 'left-behind' }) },
    { given: 'being deleted', host: aHost('a', { deleting: true }) },
    { given: 'of somebody else', host: aHost('a', { holder: 'other' }) },
  ])('never offers a host that is $given', ({ host }) => {
    expect(chooseHost('default', [host], 'mine').kind).toBe('exhausted');
  });

  it('counts why nothing is free, and says what to do', () => {
    const hosts = [aHost('a', { holder: 'one' }), aHost('b', { dirty: 'x' }), aHost('c', { holder: 'two' })];
    const choice = chooseHost('default', hosts, 'mine');
    expect(choice).toEqual({
      kind: 'exhausted',
      because:
        `Pool 'default' has no free host: 3 in all, 2 reserved, 1 dirty. Add hosts or scale down; ` +
        `clean b by hand and remove the annotation ${annotations.dirty}`,
    });
  });

  it('tells an unknown pool from a full one', () => {
    expect(chooseHost('typo', [aHost('a')], 'mine')).toMatchObject({
      because: expect.stringContaining(`Pool 'typo' has no hosts in this namespace`),
    });
  });
});

describe('stateOf', () => {
  it('counts a host that is held as reserved, even when it is marked dirty meanwhile', () => {
    expect(stateOf(aHost('a', { holder: 'one', dirty: 'x' }))).toBe('Reserved');
    expect(stateOf(aHost('a', { dirty: 'x' }))).toBe('Dirty');
    expect(stateOf(aHost('a'))).toBe('Free');
  });
});
