import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';

/** Answers what it is told, in capitals. */
let server: Server;
let received: string;
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  received = '';
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received += String(chunk);
      socket.write(String(chunk).toUpperCase());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startFaultProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  server.close();
});

interface Client {
  readonly socket: Socket;
  heard: string;
  ended?: string;
}

async function dial(): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  const client: Client = { socket, heard: '' };
  socket.on('data', (chunk) => (client.heard += String(chunk)));
  socket.on('error', (error: NodeJS.ErrnoException) => (client.ended = error.code ?? 'error'));
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
  return client;
}

const hears = (client: Client, text: string): Promise<void> => eventually(() => expect(client.heard).toBe(text));

describe('a fault proxy', () => {
  it('passes everything on, ends included', async () => {
    const client = await dial();
    client.socket.end('hello');
    await hears(client, 'HELLO');
    await eventually(() => expect(client.socket.readableEnded).toBe(true));
  });

  it('delays, in order', async () => {
    proxy.inject({ kind: 'delay', ms: 150, direction: 'to server' });
    const client = await dial();
    const startedMs = performance.now();
    client.socket.write('a');
    await eventually(() => expect(received).toBe('a'), { everyMs: 5 });
    expect(performance.now() - startedMs).toBeGreaterThan(140);
    client.socket.write('b');
    proxy.heal();
    client.socket.write('c');
    await hears(client, 'ABC');
  });

  it('cuts at the byte', async () => {
    const client = await dial();
    client.socket.write('ab');
    await hears(client, 'AB');
    proxy.inject({ kind: 'cut', afterBytes: 3, direction: 'to server' });
    client.socket.write('cdefg');
    await eventually(() => expect(client.ended).toBe('ECONNRESET'));
    await eventually(() => expect(received).toBe('abcde'));
  });

  it('goes silent in one direction, and for that connection for ever', async () => {
    const client = await dial();
    proxy.inject({ kind: 'silence', direction: 'to client' });
    client.socket.write('a');
    await eventually(() => expect(received).toBe('a'));
    proxy.heal();
    client.socket.write('b');
    await eventually(() => expect(received).toBe('ab'));
    expect([client.heard, client.ended]).toEqual(['', undefined]);
    const other = await dial();
    other.socket.write('c');
    await hears(other, 'C');
  });

  it('accepts and says nothing', async () => {
    proxy.inject({ kind: 'silence' });
    const client = await dial();
    client.socket.write('a');
    const other = await dial();
    expect([received, client.ended, other.ended]).toEqual(['', undefined, undefined]);
  });

  it('throttles', async () => {
    proxy.inject({ kind: 'throttle', bytesPerSecond: 1_000, direction: 'to server' });
    const client = await dial();
    const startedMs = performance.now();
    client.socket.write('x'.repeat(200));
    await hears(client, 'X'.repeat(200));
    expect(performance.now() - startedMs).toBeGreaterThan(150);
  });

  it('refuses, and counts who came', async () => {
    const before = await dial();
    proxy.inject({ kind: 'refuse' });
    await eventually(() => expect(before.ended).toBe('ECONNRESET'));
    const during = await dial();
    await eventually(() => expect(during.socket.destroyed).toBe(true));
    expect(proxy.accepted).toBe(2);
    proxy.heal();
    const after = await dial();
    after.socket.write('a');
    await hears(after, 'A');
  });
});
