import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@k0smotron/testing';
import {
  EtcdRefusedError,
  EtcdUnreachableError,
  observeEtcd,
  type EtcdConnection,
  type EtcdObservation,
} from '../src/index.ts';
import type { EtcdWorld } from './etcd-world.ts';

const settle = { timeoutMs: 20_000, everyMs: 100 };

/** What {@link EtcdConnection} and `observeEtcd` promise, whatever etcd they talk to. */
export function etcdContract(what: string, make: () => Promise<EtcdWorld>): void {
  describe(`${what} keeps the etcd contract`, () => {
    let world: EtcdWorld;
    let a: EtcdConnection;
    beforeEach(async () => {
      world = await make();
      a = await eventually(() => world.connect('a'), settle);
    });
    afterEach(async () => {
      a.close();
      await world.close();
    });

    const join = async (name: string): Promise<string> => {
      const added = await eventually(() => a.addMember({ peerUrls: [world.peerUrl(name)], learner: true }), settle);
      await world.start(name);
      await eventually(() => a.promote(added.id), settle);
      return added.id;
    };
    const observe = (...names: string[]): Promise<EtcdObservation> =>
      observeEtcd(
        names.map((name) => world.endpoint(name)),
        new Date('2026-01-01T00:00:00.5Z'),
      );

    it('shows a single member as leader and voter', async () => {
      const [status, members] = await Promise.all([a.status(), a.members()]);
      expect(members).toMatchObject([{ name: 'a', started: true, learner: false, id: status.memberId }]);
      expect(status).toMatchObject({ leader: status.memberId, learner: false, errors: [] });
      expect(status.raftIndex).toBeGreaterThan(0);
      expect(await a.alarms()).toEqual([]);
    });

    it('takes a member in as learner, lets it vote, hands leadership over and lets the first one go', async () => {
      const added = await a.addMember({ peerUrls: [world.peerUrl('b')], learner: true });
      expect(added).toMatchObject({ name: '', started: false, learner: true });
      expect((await observe('a')).members.find(({ id }) => id === added.id)).toMatchObject({
        started: false,
        healthy: false,
        learner: true,
      });
      await expect(a.promote(added.id)).rejects.toThrow(EtcdRefusedError);

      await world.start('b');
      expect((await observe('a', 'b')).members.find(({ id }) => id === added.id)).toMatchObject({ started: true });
      await eventually(() => a.promote(added.id), settle);
      const both = await eventually(async () => {
        const seen = await observe('a', 'b');
        expect(seen.members.map(({ name, learner, healthy }) => [name, learner, healthy]).sort()).toEqual([
          ['a', false, true],
          ['b', false, true],
        ]);
        return seen;
      }, settle);
      expect(both).toMatchObject({ source: 'etcd', observedAt: '2026-01-01T00:00:00Z', alarms: [] });
      expect(both.unknown).toBeUndefined();

      const first = (await a.status()).memberId;
      await a.moveLeader(added.id);
      const b = await world.connect('b');
      await eventually(async () => expect((await b.status()).leader).toBe(added.id), settle);
      await eventually(() => b.removeMember(first), settle);
      await b.removeMember(first);
      expect((await b.members()).map(({ name }) => name)).toEqual(['b']);
      b.close();
    });

    it('sees who is down while a majority is up, and says that it knows nothing once it is not', async () => {
      await join('b');
      await join('c');
      await world.stop('c');
      const two = await eventually(async () => {
        const seen = await observe('a', 'b', 'c');
        expect(seen.members.map(({ name, healthy }) => [name, healthy]).sort()).toEqual([
          ['a', true],
          ['b', true],
          ['c', false],
        ]);
        return seen;
      }, settle);
      expect(two.members.find(({ name }) => name === 'c')?.problem).toMatch(/refused/i);

      await world.stop('b');
      await eventually(async () => {
        const seen = await observe('a', 'b', 'c');
        expect(seen).toMatchObject({ members: [], unknown: expect.any(String) });
      }, settle);
      expect((await a.members({ linearizable: false })).length).toBe(3);
    });

    it('stands by a member until it has lost its leader', async () => {
      await join('b');
      let over = false;
      const { lost } = await a.watchLeader();
      void lost.then(() => (over = true));
      expect((await a.status()).leader).toBeDefined();
      expect(over).toBe(false);
      await world.stop('b');
      await lost;
      await eventually(async () => expect((await a.status()).leader).toBeUndefined(), settle);
    });

    it('does not stand by a learner, which may not be led for long', async () => {
      await a.addMember({ peerUrls: [world.peerUrl('b')], learner: true });
      await world.start('b');
      const b = await eventually(() => world.connect('b'), settle);
      await expect(b.watchLeader()).rejects.toThrow(/learner/);
      b.close();
    });

    it('keeps what is written, counts it, and says from when it is', async () => {
      expect(await a.read('/marker')).toBeUndefined();
      const before = await a.count();
      const revision = await a.put('/marker', 'one');
      expect(revision).toBeGreaterThan(before.revision);
      expect(await a.read('/marker')).toEqual({ value: 'one', revision });
      expect(await a.count()).toEqual({ revision, keys: before.keys + 1 });
    });

    it('gives the same hash on each member, another one once something is written, and none of what is to come', async () => {
      await join('b');
      const revision = await a.put('/marker', 'one');
      const b = await world.connect('b');
      const ofA = await a.hash(revision);
      await eventually(async () => expect(await b.hash(revision)).toEqual(ofA), settle);
      const later = await a.put('/marker', 'two');
      expect(await a.hash(revision)).toEqual(ofA);
      expect((await a.hash(later)).hash).not.toBe(ofA.hash);
      await expect(a.hash(later + 1)).rejects.toThrow(EtcdRefusedError);
      b.close();
    });

    it('streams its database, whole pages, with their digest at the end', async () => {
      await a.put('/marker', 'x'.repeat(100));
      const pieces: Buffer[] = [];
      for await (const piece of a.snapshot()) pieces.push(piece);
      const file = Buffer.concat(pieces);
      expect(file.length % 512).toBe(32);
      expect(createHash('sha256').update(file.subarray(0, -32)).digest()).toEqual(file.subarray(-32));
    });

    it('does not vouch for a member that no machine runs', async () => {
      await join('b');
      const seen = await observe('a');
      expect(seen.members.find(({ name }) => name === 'b')).toMatchObject({ healthy: undefined });
    });

    it('tells a member that does not answer from one that refuses', async () => {
      await world.stop('a');
      await eventually(async () => {
        await expect(world.connect('a').then((admin) => admin.status())).rejects.toThrow(EtcdUnreachableError);
      }, settle);
      expect(await observe('a')).toMatchObject({ unknown: expect.stringMatching(/^a: .*refused/i) });
      expect(await observe()).toMatchObject({ unknown: 'there is no machine to ask' });
    });
  });
}
