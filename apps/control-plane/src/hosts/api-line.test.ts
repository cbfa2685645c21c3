import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCa, issue, type CertificatePair } from '@k0smotron/pki';
import type { HostSession } from '@k0smotron/ssh';
import { noSignal } from '../../testing/a-plane.ts';
import { openApiLine, type ApiLine } from './api-line.ts';

describe('a line to an API server', () => {
  let ca: CertificatePair;
  let client: CertificatePair;
  let server: Http2SecureServer;
  let line: ApiLine;
  let channel: Socket;
  /** What each path answers with; `undefined` for silence. */
  let statuses: Record<string, number | undefined>;
  let watches: ServerHttp2Stream[];
  let asked: string[];

  beforeAll(async () => {
    ca = await createCa({ commonName: 'kubernetes-ca', years: 1 });
    const leaf = await issue(ca, { commonName: 'api', dnsNames: ['kubernetes'], usages: ['server'], days: 1 });
    client = await issue(ca, { commonName: 'k0smotron', usages: ['client'], days: 1 });
    server = createSecureServer({ cert: leaf.certPem, key: leaf.keyPem, ca: ca.certPem, requestCert: true });
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      const path = String(headers[':path']).split('?')[0] ?? '';
      asked.push(path);
      const status = statuses[path];
      if (status === undefined) return;
      stream.respond({ ':status': status });
      if (path === '/readyz' || status !== 200) stream.end('told');
      else watches.push(stream);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(async () => {
    statuses = { '/readyz': 200, '/api/v1/namespaces': 200 };
    watches = [];
    asked = [];
    line = await open(ca);
  });
  afterEach(() => line.close());
  afterAll(() => void server.close());

  const open = async (trusted: CertificatePair, watch = true): Promise<ApiLine> => {
    const { port } = server.address() as { port: number };
    const forward = async () => {
      channel = connect(port, '127.0.0.1');
      await once(channel, 'connect');
      return channel;
    };
    return openApiLine({ forward } as unknown as HostSession, { caPem: trusted.certPem, client, watch });
  };

  it('is watched from the first time that the API server is ready', async () => {
    statuses['/readyz'] = 500;
    expect([await line.ready(noSignal), line.watched]).toEqual([false, false]);
    statuses['/readyz'] = 200;
    expect([await line.ready(noSignal), line.watched]).toEqual([true, true]);
    await line.ready(noSignal);
    expect(asked).toEqual(['/readyz', '/readyz', '/api/v1/namespaces', '/readyz']);
  });

  it('ends with its watch, as when the API server stops', async () => {
    await line.ready(noSignal);
    watches[0]?.end();
    await line.closed;
    await expect(line.ready(noSignal)).rejects.toThrow();
  });

  it('ends with the SSH channel', async () => {
    await line.ready(noSignal);
    channel.destroy();
    await line.closed;
  });

  it('works without being watched where the watch is refused', async () => {
    statuses['/api/v1/namespaces'] = 403;
    expect([await line.ready(noSignal), line.watched]).toEqual([true, false]);
    expect(await line.ready(noSignal)).toBe(true);
  });

  it('asks for no watch when it is for one look', async () => {
    const single = await open(ca, false);
    expect([await single.ready(noSignal), single.watched]).toEqual([true, false]);
    expect(asked).toEqual(['/readyz']);
    single.close();
  });

  it('fails in time on silence', async () => {
    statuses['/readyz'] = undefined;
    await expect(line.ready(AbortSignal.timeout(50))).rejects.toThrow();
  });

  it('believes nobody of another authority', async () => {
    const stranger = await open(await createCa({ commonName: 'kubernetes-ca', years: 1 }));
    await expect(stranger.ready(noSignal)).rejects.toThrow();
    stranger.close();
  });
});
