import type { Socket } from 'node:net';

const sshPort = 22;
/** Key exchange and login of one SSH connection, in writes: no effects on the host yet. */
const sshHandshakeWrites = 8;

const sshWrites = new WeakMap<Socket, number>();

/**
 * What a write on a socket does to the outside, or undefined when it is no effect: reads, probes, leases, Kubernetes Events
 * and answers of our own servers change nothing that a reconcile relies on.
 */
export function effectOf(socket: Socket, chunk: unknown): string | undefined {
  if (socket.remotePort === sshPort) return sshEffect(socket);
  const line = firstLine(chunk);
  if (/^H?PUB k0smotron\./.test(line)) return `nats ${line.split(' ')[1]}`;
  const [, method, path = ''] = /^(POST|PUT|PATCH|DELETE) (\S+) HTTP\/1\.1$/.exec(line) ?? [];
  if (!method || /\/(leases|events|tokenreviews|subjectaccessreviews)\b/.test(path)) return undefined;
  return `api ${method} ${path.replace(/\?.*/, '')}`;
}

/** SSH is encrypted: each packet after the login counts. */
function sshEffect(socket: Socket): string | undefined {
  const writes = (sshWrites.get(socket) ?? 0) + 1;
  sshWrites.set(socket, writes);
  return writes > sshHandshakeWrites ? `ssh ${socket.remoteAddress} packet ${writes - sshHandshakeWrites}` : undefined;
}

function firstLine(chunk: unknown): string {
  const head = typeof chunk === 'string' ? chunk.slice(0, 1024) : chunk instanceof Uint8Array ? latin1(chunk) : '';
  return head.slice(0, Math.max(head.indexOf('\r\n'), 0));
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString('latin1');
