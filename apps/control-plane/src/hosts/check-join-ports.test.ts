import { describe, expect, it } from '@jest/globals';
import type { HostSession } from '@k0smotron/ssh';
import { PassThrough } from 'node:stream';
import { checkJoinPorts, type JoinEnd } from './check-join-ports.ts';

type Answer = 'open' | 'refused' | 'no route' | 'cut';

/** A host from which each `address:port` answers as told, and everything else is open. */
const end = (name: string, address: string, answers: Record<string, Answer> = {}): JoinEnd => ({
  name,
  address,
  session: {
    forward: (host: string, port: number) => {
      const answer = answers[`${host}:${port}`] ?? 'open';
      if (answer === 'open') return Promise.resolve(new PassThrough());
      const inner = new Error(answer === 'refused' ? '(SSH) Channel open failure: Connection refused' : answer);
      if (answer !== 'cut') Object.assign(inner, { reason: 2 });
      return Promise.reject(new Error('cannot forward', { cause: inner }));
    },
  } as unknown as HostSession,
});

const open = { 'b:2380': 'refused', 'b:9443': 'refused' } as const;

describe('the pre-flight of a join', () => {
  it('passes when the old one listens and the new one is reachable, though nothing listens there yet', async () => {
    expect(await checkJoinPorts(end('old', 'a', open), end('new', 'b'), 9443)).toBeUndefined();
  });

  it('names each way that is shut, in a fixed order', async () => {
    const old = end('old', 'a', { ...open, 'b:2380': 'no route' });
    const problem = await checkJoinPorts(old, end('new', 'b', { 'a:9443': 'refused' }), 9443);
    expect(problem).toBe(
      'new does not reach old on TCP 9443 (a, nothing listens there); old does not reach new on TCP 2380 (b, no answer). ' +
        'Open these ports both ways between controllers',
    );
  });

  it('goes by the port that the user chose', async () => {
    const old = end('old', 'a', { 'b:2380': 'refused', 'b:9555': 'refused' });
    expect(await checkJoinPorts(old, end('new', 'b', { 'a:9555': 'no route' }), 9555)).toMatch(/on TCP 9555/);
  });

  it('fails when a session is of no use any more', async () => {
    await expect(checkJoinPorts(end('old', 'a', { 'b:2380': 'cut' }), end('new', 'b'), 9443)).rejects.toThrow();
  });
});
