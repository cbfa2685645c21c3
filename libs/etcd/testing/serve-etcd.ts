import { once } from 'node:events';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { frame } from '../src/grpc-channel.ts';
import { etcdMethod } from '../src/proto.ts';
import { grpcStatus } from '../src/errors.ts';

/** Where a played etcd listens, and as whom. */
export interface ServedEtcd {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** PEM; whoever comes must have a certificate of the authority. */
  readonly tls: { readonly caPem: string; readonly certPem: string; readonly keyPem: string };
  /** Name of its only member. */
  readonly name: string;
  readonly peerUrl: string;
}

/**
 * An etcd of one healthy member that keeps nothing, over real TLS and HTTP/2, for benches that want many: it can be looked at,
 * and refuses to be changed.
 */
export async function serveEtcd({
  host,
  port,
  tls,
  name,
  peerUrl,
}: ServedEtcd): Promise<{ readonly port: number; close(): void }> {
  const { certPem: cert, keyPem: key, caPem: ca } = tls;
  const server = createSecureServer({ cert, key, ca, requestCert: true });
  const answers = answersOf(name, peerUrl);
  server.on('stream', (stream, headers) => answer(stream, answers.get(headers[':path'] ?? '')));
  server.on('session', (session) => session.on('error', () => undefined)); // who looks may leave as he likes
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () => void server.close(),
  };
}

const id = '7';
const header = { cluster_id: '9', member_id: id, revision: '1' };

/** What is said on each path, as the bytes of one message. */
function answersOf(name: string, peerUrl: string): ReadonlyMap<string, Buffer> {
  const member = { ID: id, name, peerURLs: [peerUrl], clientURLs: [] };
  const status = { header, version: '3.6.8', dbSize: '1', leader: id, raftIndex: '9', raftTerm: '2' };
  const said = [
    [etcdMethod('Cluster', 'MemberList'), { header, members: [member] }],
    [etcdMethod('Maintenance', 'Status'), { ...status, raftAppliedIndex: '9' }],
    [etcdMethod('Maintenance', 'Alarm'), { header }],
  ] as const;
  return new Map(said.map(([method, message]) => [method.path, frame(method.responseSerialize(message))]));
}

function answer(stream: ServerHttp2Stream, body: Buffer | undefined): void {
  stream.on('error', () => undefined);
  stream.resume(); // what is asked is in the path
  const headers = { ':status': 200, 'content-type': 'application/grpc' };
  if (!body) return stream.respond({ ...headers, 'grpc-status': grpcStatus.failedPrecondition }, { endStream: true });
  stream.respond(headers, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus.ok }));
  stream.end(body);
}
