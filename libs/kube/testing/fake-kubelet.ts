import { createHash } from 'node:crypto';
import { createServer as plainServer, type IncomingMessage } from 'node:http';
import { createServer as tlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** What port-forward needs of a kubelet, also by way of a real API server. */
export interface FakeKubelet {
  readonly port: number;
  /** Paths that were asked for, with their query. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** How the fake answers. */
export interface FakeKubeletOptions {
  /** Without it, no TLS. */
  readonly tls?: { readonly certPem: string; readonly keyPem: string };
  /** Gives the process behind a port of a pod. What it throws goes into the channel for problems, as a kubelet's words do. */
  readonly dial: (path: string, port: number) => Promise<Duplex>;
}

const frameOf = (channel: number, content: Buffer): Buffer => {
  const length = content.length + 1;
  const head =
    length < 126 ? Buffer.of(0x82, length) : Buffer.from([0x82, 126, Math.floor(length / 256), length % 256]);
  return Buffer.concat([head, Buffer.of(channel), content]);
};

/** Ends a WebSocket in peace. */
const closeFrame = Buffer.of(0x88, 2, 0x03, 0xe8);

/** Listens on loopback and bridges WebSockets of `v4.channel.k8s.io` to streams. */
export async function startFakeKubelet({ tls, dial }: FakeKubeletOptions): Promise<FakeKubelet> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const server = tls ? tlsServer({ cert: tls.certPem, key: tls.keyPem }) : plainServer();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    asked.push(request.url ?? '');
    sockets.add(socket);
    socket.on('error', () => undefined);
    void bridge(request, socket, dial);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bridge(request: IncomingMessage, socket: Duplex, dial: FakeKubeletOptions['dial']): Promise<void> {
  const url = new URL(request.url ?? '', 'https://kubelet');
  const port = Number(url.searchParams.get('ports') ?? url.searchParams.get('port'));
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
      'Sec-WebSocket-Protocol: v4.channel.k8s.io',
      '\r\n',
    ].join('\r\n'),
  );
  const portFrame = Buffer.from([port % 256, Math.floor(port / 256)]);
  for (const channel of [0, 1]) socket.write(frameOf(channel, portFrame));
  try {
    const stream = await dial(url.pathname, port);
    stream.on('error', () => socket.destroy());
    // In pieces: a frame of this fake has at most 65,535 bytes.
    stream.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += 60_000) socket.write(frameOf(0, chunk.subarray(at, at + 60_000)));
    });
    stream.on('end', () => socket.write(closeFrame));
    stream.on('close', () => socket.destroy());
    socket.on('close', () => stream.destroy());
    readFrames(socket, (content) => stream.write(content.subarray(1)));
  } catch (cause) {
    socket.write(frameOf(1, Buffer.from(cause instanceof Error ? cause.message : String(cause))));
  }
}

/** A client's frames are masked; those that are no data end the connection. */
function readFrames(socket: Duplex, each: (content: Buffer) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const short = (pending[1] ?? 0) % 128;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (pending.length < head + 4) return;
      const length = short < 126 ? short : short === 126 ? pending.readUInt16BE(2) : Number(pending.readBigUInt64BE(2));
      if (pending.length < head + 4 + length) return;
      if ((pending[0] ?? 0) % 16 > 2) return void socket.end();
      const mask = pending.subarray(head, head + 4);
      each(Buffer.from(pending.subarray(head + 4, head + 4 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0))));
      pending = pending.subarray(head + 4 + length);
    }
  });
}
