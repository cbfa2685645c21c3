import { describe, expect, it } from '@jest/globals';
import { fakeClock } from '@k0smotron/testing';
import { fakeKube, Widget } from '../testing/index.ts';
import { withBreaker } from './breaker.ts';
import { NotFoundError, UnreachableError } from './errors.ts';

const key = { namespace: 'a', name: 'x' };

/** A server that swallows calls for as long as it is told. */
function world() {
  const clock = fakeClock();
  const state = { tookMs: 3_000, error: new UnreachableError('no answer') as Error | undefined };
  const server = fakeKube({ clock });
  const answer = async (): Promise<undefined> => {
    await clock.advance(state.tookMs);
    if (state.error) throw state.error;
  };
  server.get = () => (calls.push('get'), answer());
  server.request = () => (calls.push('probe'), answer().then(() => ({ status: 200, body: 'ok' })));
  const calls: string[] = [];
  const client = withBreaker(server, { what: 'Cluster a/demo', clock, random: () => 1 });
  const get = (): Promise<unknown> => client.get(Widget, key);
  return { clock, state, calls, get, client, server };
}

describe('a client of a cluster that swallows calls', () => {
  it('fails at once until the pause is over, then asks before it calls', async () => {
    const { clock, state, calls, get } = world();
    await expect(get()).rejects.toThrow('no answer');
    await expect(get()).rejects.toThrow('Cluster a/demo does not answer, tried again in 5 s');
    expect(calls).toEqual(['get']);
    await clock.advance(5_000);
    state.error = undefined;
    await Promise.all([get(), get()]);
    expect(calls).toEqual(['get', 'probe', 'get', 'get']);
    await get();
    expect(calls).toHaveLength(5);
  });

  it('pauses longer each time, and tries with one call only', async () => {
    const { clock, calls, get } = world();
    await expect(get()).rejects.toThrow('no answer');
    await clock.advance(5_000);
    const both = await Promise.allSettled([get(), get()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(get()).rejects.toThrow('tried again in 10 s');
    expect(calls).toEqual(['get', 'probe']);
  });

  it("counts the caller's own time limit", async () => {
    const { state, get } = world();
    state.error = new DOMException('too late', 'TimeoutError');
    await expect(get()).rejects.toThrow('too late');
    await expect(get()).rejects.toThrow('does not answer');
  });

  it.each([
    ['refuses at once', { tookMs: 1, error: new UnreachableError('refused') }],
    ['answers, though late and with an error', { tookMs: 9_000, error: new NotFoundError(404, 'NotFound', 'no kind') }],
  ])('goes on trying one that %s', async (_, state) => {
    const wanted = world();
    Object.assign(wanted.state, state);
    await expect(wanted.get()).rejects.toThrow(state.error.message);
    await expect(wanted.get()).rejects.toThrow(state.error.message);
    expect(wanted.calls).toEqual(['get', 'get']);
  });

  it('is otherwise the client', async () => {
    const { client, server } = world();
    await client.create(Widget, { metadata: key, spec: { size: 1 } });
    expect(await client.list(Widget)).toHaveLength(1);
    expect(client.get).toBe(client.get);
    expect(server.calls.map(({ verb }) => verb)).toEqual(['create', 'list']);
  });
});
