import { describe, expect, it } from '@jest/globals';
import type { EtcdAlarm, EtcdReader } from './etcd-admin.ts';
import { observeEtcd } from './observe-etcd.ts';

/** A single member whose status complains of these, and who counts how often its alarms are listed. */
const member = (errors: readonly string[], alarms: readonly EtcdAlarm[] = []) => {
  const asked = { alarms: 0 };
  const reader = {
    status: () => Promise.resolve({ clusterId: 'c', memberId: '1', leader: '1', learner: false, raftIndex: 7, errors }),
    members: () =>
      Promise.resolve([{ id: '1', name: 'a', started: true, learner: false, peerUrls: [], clientUrls: [] }]),
    alarms: () => Promise.resolve((asked.alarms += 1) && alarms),
    close: () => undefined,
  } as unknown as EtcdReader;
  return { asked, endpoint: { name: 'a', connect: () => Promise.resolve(reader) } };
};

describe('the alarms of an observation', () => {
  it('are listed once a member complains', async () => {
    const alarm = { memberId: '1', alarm: 'CORRUPT' as const };
    const { endpoint } = member(['memberID:1 alarm:CORRUPT '], [alarm]);
    const seen = await observeEtcd([endpoint], new Date());
    expect(seen.alarms).toEqual([alarm]);
    expect(seen.members).toMatchObject([{ healthy: false, problem: 'its data is corrupt' }]);
  });

  it('cost nothing while nobody does: their list is written into the raft log', async () => {
    const { asked, endpoint } = member([]);
    expect(await observeEtcd([endpoint], new Date())).toMatchObject({ alarms: [], members: [{ healthy: true }] });
    expect(asked.alarms).toBe(0);
  });
});
