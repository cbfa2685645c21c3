import { describe, expect, it } from '@jest/globals';
import { fakeEtcd } from '@k0smotron/etcd/testing';
import { noSignal } from '../../testing/a-plane.ts';
import { etcdLineOver } from './etcd-line.ts';

describe('a line to an etcd', () => {
  it('is watched once its member has answered, and ends when that loses its leader', async () => {
    const world = fakeEtcd();
    const line = etcdLineOver(await world.connect('a'));
    expect(line.watched).toBe(false);
    expect((await line.status(noSignal)).leader).toBe('1');
    expect(line.watched).toBe(true);
    await world.stop('a');
    await line.closed;
  });

  it('works without being watched on a learner, and is watched once that votes', async () => {
    const world = fakeEtcd();
    const { id } = await (await world.connect('a')).addMember({ peerUrls: [world.peerUrl('b')], learner: true });
    await world.start('b');
    const line = etcdLineOver(await world.connect('b'));
    expect((await line.status(noSignal)).learner).toBe(true);
    expect(line.watched).toBe(false);
    await line.admin.promote(id);
    await line.status(noSignal);
    expect(line.watched).toBe(true);
  });
});
