import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createCa, issue, type CertificatePair } from '@k0smotron/pki';
import { EtcdRefusedError, EtcdUnreachableError } from './errors.ts';
import { openGrpcChannel, type GrpcChannel } from './grpc-channel.ts';
import { etcdMethod } from './proto.ts';

const status = etcdMethod('Maintenance', 'Status');
const options = { timeoutMs: 1_000 };
/** A message with nothing but field 2, the version. */
const framed = (version: string): Buffer => {
  const text = Buffer.from(version);
  const body = Buffer.concat([Buffer.from([0x12]), varint(text.length), text]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
};
const varint = (value: number): Buffer =>
  value < 128 ? Buffer.from([value]) : Buffer.concat([Buffer.from([(value & 127) | 128]), varint(value >>> 7)]);

describe('openGrpcChannel', () => {
  let ca: CertificatePair;
  let client: CertificatePair;
  let server: Http2SecureServer;
  let channel: GrpcChannel;
  let answer: (stream: ServerHttp2Stream) => void = () => undefined;

  beforeAll(async () => {
    ca = await createCa({ commonName: 'ca', years: 1 });
    const leaf = await issue(ca, { commonName: 'server', dnsNames: ['localhost'], usages: ['server'], days: 1 });
    client = await issue(ca, { commonName: 'client', usages: ['client'], days: 1 });
    server = createSecureServer({ cert: leaf.certPem, key: leaf.keyPem, ca: ca.certPem, requestCert: true });
    server.on('stream', (stream) => answer(stream));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => channel.close());
  afterAll(() => void server.close());

  const open = async (): Promise<GrpcChannel> => {
    const { port } = server.address() as { port: number };
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    channel = await openGrpcChannel(socket, { caPem: ca.certPem, ...client, serverName: 'localhost' }, options);
    return channel;
  };
  /** Answers with these pieces, one after the other, and then with these trailers. */
  const answerWith = (pieces: readonly Buffer[], trailers: Record<string, string>): void => {
    answer = (stream) => {
      stream.on('error', () => undefined);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      void (async () => {
        for (const piece of pieces) await new Promise((sent) => stream.write(piece, sent));
        stream.end();
      })();
    };
  };
  const versionsOf = async (messages: AsyncIterable<object>): Promise<string[]> => {
    const versions: string[] = [];
    for await (const message of messages) versions.push((message as { version: string }).version);
    return versions;
  };

  it('puts messages together, however the network cuts them', async () => {
    const long = 'x'.repeat(70_000);
    const bytes = Buffer.concat([framed('a'), framed(long), framed('c')]);
    const pieces = [bytes.subarray(0, 2), bytes.subarray(2, 9), bytes.subarray(9, 30_000), bytes.subarray(30_000)];
    answerWith(pieces, { 'grpc-status': '0' });
    const { stream } = await open();
    expect(await versionsOf(stream(status, {}, options))).toEqual(['a', long, 'c']);
  });

  it('throws what the trailers say after the messages', async () => {
    answerWith([framed('a')], { 'grpc-status': '9', 'grpc-message': 'not%20now' });
    const { stream } = await open();
    const failure: unknown = await versionsOf(stream(status, {}, options)).catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(EtcdRefusedError);
    expect(failure).toMatchObject({ code: 9, message: 'not now' });
  });

  it('takes "unavailable" and a missing status for no answer', async () => {
    answerWith([], { 'grpc-status': '14', 'grpc-message': 'no leader' });
    const { unary } = await open();
    await expect(unary(status, {}, options)).rejects.toThrow(EtcdUnreachableError);
    answerWith([], {});
    await expect(unary(status, {}, options)).rejects.toThrow('ended without an answer');
  });

  it('ends a call that gets no answer, and goes on with the next', async () => {
    answer = (stream) => void stream.on('error', () => undefined);
    const { unary } = await open();
    await expect(unary(status, {}, { timeoutMs: 100 })).rejects.toThrow('no answer in time');
    answerWith([framed('b')], { 'grpc-status': '0' });
    expect(await unary(status, {}, options)).toMatchObject({ version: 'b' });
  });

  it('fails calls whose connection breaks', async () => {
    answer = (stream) => stream.session?.destroy();
    const { unary } = await open();
    await expect(unary(status, {}, options)).rejects.toThrow(EtcdUnreachableError);
  });
});
