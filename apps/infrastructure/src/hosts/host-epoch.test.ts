import { describe, expect, it } from '@jest/globals';
import type { RemoteMachine } from '@k0smotron/api';
import { hostEpoch } from './host-epoch.ts';

const createdAt = '2026-01-01T12:00:00Z';
const noon = Date.parse(createdAt);
const metadata = { name: 'one', namespace: 'default', uid: 'uid-2', creationTimestamp: createdAt };
const object = { metadata, spec: {} } as RemoteMachine;

/** When the leader is said to have been acquired. */
const acquiredAt = (journal: string, leaderSinceMs: number): number =>
  hostEpoch(
    { epoch: 'lease/3', term: { leaseUid: 'lease', transitions: 3, acquiredAtMs: leaderSinceMs }, object },
    { journal },
  ).acquiredAtMs;

describe('the epoch that a host hears', () => {
  it('is that of the leader', () => {
    expect(acquiredAt('uid-2', noon - 1)).toBe(noon - 1);
  });

  it('is no earlier than the move that brought the machine, so that the former leader is superseded', () => {
    expect(acquiredAt('uid-1', noon - 1)).toBe(noon);
    expect(acquiredAt('uid-1', noon + 1)).toBe(noon + 1);
  });
});
