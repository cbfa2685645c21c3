/**
 * What a write on a socket says to an API server or NATS that changes something there, or undefined when it is no effect:
 * reads, probes, leases, Kubernetes Events and answers of our own servers change nothing that a reconcile relies on.
 */
export function effectOf(chunk: unknown): string | undefined {
  const line = firstLine(chunk);
  if (/^H?PUB k0smotron\./.test(line)) return `nats ${line.split(' ')[1]}`;
  const [, method, path = ''] = /^(POST|PUT|PATCH|DELETE) (\S+) HTTP\/1\.1$/.exec(line) ?? [];
  if (!method || /\/(leases|events|tokenreviews|subjectaccessreviews)\b/.test(path)) return undefined;
  return `api ${method} ${path.replace(/\?.*/, '')}`;
}

/** The calls of etcd's gRPC that change who is a member and who leads; undefined for those that only look. */
export function etcdEffectOf(path: unknown): string | undefined {
  const [, call] = /^\/etcdserverpb\.\w+\/(Member(?:Add|Remove|Promote|Update)|MoveLeader)$/.exec(String(path)) ?? [];
  return call && `etcd ${call}`;
}

function firstLine(chunk: unknown): string {
  const head = typeof chunk === 'string' ? chunk.slice(0, 1024) : chunk instanceof Uint8Array ? latin1(chunk) : '';
  return head.slice(0, Math.max(head.indexOf('\r\n'), 0));
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString('latin1');
