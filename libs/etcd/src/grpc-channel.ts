import { connect as connectHttp2, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { EtcdRefusedError, EtcdUnreachableError, grpcStatus } from './errors.ts';
import type { EtcdMethod } from './proto.ts';

/** Client side of mutual TLS. */
export interface ChannelTls {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** A name in the server's certificate. */
  readonly serverName: string;
}

/** How long one call may take and who may cut it short. */
export interface CallOptions {
  /** Without it, as long as it likes. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Headers of the call that etcd understands. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** gRPC over one connection that somebody else made: an SSH channel, a socket. */
export interface GrpcChannel {
  /** @throws EtcdRefusedError, EtcdUnreachableError */
  unary(method: EtcdMethod, request: object, options: CallOptions): Promise<object>;
  /** Messages as they come, with back-pressure. @throws as {@link GrpcChannel.unary} */
  stream(method: EtcdMethod, request: object, options: CallOptions): AsyncGenerator<object>;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

/**
 * Speaks TLS and HTTP/2 over a duplex stream. grpc-js insists on dialling by itself, and a loopback listener in between would
 * be a port that others can reach; gRPC's framing over node:http2 is the smaller part.
 *
 * @throws EtcdUnreachableError when TLS fails or takes longer than `timeoutMs`.
 */
export async function openGrpcChannel(
  raw: Duplex,
  tls: ChannelTls,
  { timeoutMs, signal }: CallOptions,
): Promise<GrpcChannel> {
  const socket = await handshake(raw, tls, { timeoutMs, signal });
  const session = connectHttp2(`https://${tls.serverName}`, { createConnection: () => socket });
  // Without a listener a late error would end the process; calls in flight get it through their own streams.
  session.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => session.once('close', resolve));
  // TLS does not hear of a channel whose SSH connection broke.
  raw.once('close', () => session.destroy());

  return {
    unary: async (method, request, options) => {
      let answer: object | undefined;
      // Read to the end: only the trailers say that it is true.
      for await (const part of callOver(session, method, request, options)) answer = part;
      if (answer) return answer;
      throw new EtcdUnreachableError(`${method.path}: the connection ended without an answer`);
    },
    stream: (method, request, options) => callOver(session, method, request, options),
    closed,
    close: () => {
      session.destroy();
      socket.destroy();
      raw.destroy();
    },
  };
}

async function handshake(raw: Duplex, tls: ChannelTls, { timeoutMs, signal }: CallOptions): Promise<TLSSocket> {
  const deadline = withDeadline(timeoutMs, signal);
  if (deadline.aborted) {
    raw.destroy();
    throw unreachable('TLS with etcd', deadline.reason);
  }
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: raw,
      servername: tls.serverName,
      ca: tls.caPem,
      cert: tls.certPem,
      key: tls.keyPem,
      ALPNProtocols: ['h2'],
    });
    const fail = (cause: unknown): void => {
      socket.destroy();
      raw.destroy();
      reject(unreachable('TLS with etcd', deadline.aborted ? deadline.reason : cause));
    };
    const cut = (): void => fail(new Error('the connection was closed'));
    deadline.addEventListener('abort', fail, { once: true });
    socket.once('close', cut);
    socket.on('error', fail);
    raw.on('error', fail);
    socket.once('secureConnect', () => {
      deadline.removeEventListener('abort', fail);
      socket.off('close', cut);
      resolve(socket);
    });
  });
}

async function* callOver(
  session: ClientHttp2Session,
  method: EtcdMethod,
  request: object,
  options: CallOptions,
): AsyncGenerator<object> {
  const deadline = withDeadline(options.timeoutMs, options.signal);
  if (deadline.aborted) throw unreachable(method.path, deadline.reason);
  const stream = openStream(session, method, options);
  const ended = endOf(stream);
  const cancel = (): void => stream.close(constants.NGHTTP2_CANCEL);
  deadline.addEventListener('abort', cancel, { once: true });
  try {
    stream.end(frame(method.requestSerialize(request)));
    for await (const body of unframe(stream)) yield method.responseDeserialize(body);
    // Not before the stream is closed have the trailers come for sure.
    await ended.closed;
    deadline.throwIfAborted();
    ended.assertOk(method.path);
  } catch (cause) {
    throw cause instanceof EtcdRefusedError || cause instanceof EtcdUnreachableError
      ? cause
      : unreachable(method.path, deadline.aborted ? deadline.reason : cause);
  } finally {
    deadline.removeEventListener('abort', cancel);
    if (!stream.closed) cancel();
  }
}

function openStream(
  session: ClientHttp2Session,
  { path }: EtcdMethod,
  { timeoutMs, metadata }: CallOptions,
): ClientHttp2Stream {
  try {
    return session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(timeoutMs === undefined ? {} : { 'grpc-timeout': `${Math.ceil(timeoutMs)}m` }),
      ...metadata,
    });
  } catch (cause) {
    throw unreachable(path, cause);
  }
}

/** Collects the status, which comes in trailers, or in headers when there is no body. */
function endOf(stream: ClientHttp2Stream): { closed: Promise<void>; assertOk: (path: string) => void } {
  let status: number | undefined;
  let detail = '';
  const read = (headers: Record<string, unknown>): void => {
    if (headers['grpc-status'] === undefined) return;
    status = Number(headers['grpc-status']);
    detail = decodeDetail(typeof headers['grpc-message'] === 'string' ? headers['grpc-message'] : '');
  };
  stream.on('response', read).on('trailers', read);
  return {
    closed: new Promise((resolve) => stream.once('close', resolve)),
    assertOk: (path) => {
      if (status === grpcStatus.ok) return;
      if (status === undefined) throw new EtcdUnreachableError(`${path}: the connection ended without an answer`);
      if (status === grpcStatus.unavailable || status === grpcStatus.deadlineExceeded) {
        throw new EtcdUnreachableError(`${path}: ${detail}`);
      }
      throw new EtcdRefusedError(status, detail);
    },
  };
}

/** A message as gRPC puts it on the wire: not compressed, its length before it. */
export function frame(body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Cuts the byte stream into messages: one byte "compressed", four bytes length, body. */
async function* unframe(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    parts.push(chunk);
    size += chunk.length;
    while (size >= 5) {
      // Joined only when a message is complete, so that large ones are not copied again for each piece.
      if ((parts[0]?.length ?? 0) < 5) parts = [Buffer.concat(parts)];
      const length = 5 + (parts[0]?.readUInt32BE(1) ?? 0);
      if (size < length) break;
      const all = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
      if (all[0] !== 0) throw new EtcdUnreachableError('etcd sent a compressed message, which nobody asked for');
      yield all.subarray(5, length);
      parts = [all.subarray(length)];
      size -= length;
    }
  }
}

const withDeadline = (timeoutMs?: number, signal?: AbortSignal): AbortSignal =>
  AbortSignal.any([...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)]), ...(signal ? [signal] : [])]);

function unreachable(what: string, cause: unknown): EtcdUnreachableError {
  // Reasons of abort signals are DOMExceptions, which need not be instances of this realm's Error.
  const { name, message = String(cause) } = Object(cause) as { readonly name?: string; readonly message?: string };
  return new EtcdUnreachableError(`${what}: ${name === 'TimeoutError' ? 'no answer in time' : message}`, { cause });
}

function decodeDetail(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
