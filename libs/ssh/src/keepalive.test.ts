import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startFakeHost, type FakeHost } from '../testing/index.ts';
import { connectSsh } from './index.ts';

/** A host behind something that can stop passing anything on, as a firewall does that has forgotten a connection. */
describe('a session to a host that says nothing any more', () => {
  let host: FakeHost;
  let sockets: Socket[];
  const between = createServer((near) => {
    const far = connect(host.port, host.host);
    sockets.push(near, far);
    near.pipe(far).pipe(near);
  });

  beforeEach(async () => {
    sockets = [];
    host = await startFakeHost();
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    between.close();
    await host.stop();
  });

  it('ends after some questions without an answer, not at the first', async () => {
    const { port } = between.address() as AddressInfo;
    const { host: address, user, privateKey } = host;
    const session = await connectSsh({ host: address, port, user, privateKey, keepaliveMs: 50 });
    expect((await session.run('sleep 0.5; echo alive')).stdout).toBe('alive\n');
    const silentMs = performance.now();
    for (const socket of sockets) socket.unpipe().pause();
    await session.closed;
    // Three, but on a busy machine the silence may begin while answers to earlier ones are still on their way.
    expect(performance.now() - silentMs).toBeGreaterThan(50);
  });
});
