import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@k0smotron/core';
import { fakeKube } from '@k0smotron/kube/testing';
import { fakeClock } from '@k0smotron/testing';
import { selfSigned } from '../../testing/self-signed.ts';
import { createAuthorizer } from './authorizer.ts';
import { startDiagnosticsServer } from './diagnostics-server.ts';
import { startHealthServer } from './health-server.ts';
import type { Listening } from './listen.ts';

let server: Listening | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const local = { host: '127.0.0.1', port: 0 };

function call(
  path: string,
  { tls = false, method = 'GET', token, body }: { tls?: boolean; method?: string; token?: string; body?: string } = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const options = {
      host: '127.0.0.1',
      port: server?.port,
      path,
      method,
      headers,
      rejectUnauthorized: false,
      agent: false as const,
    };
    const outgoing = (tls ? tlsRequest : plainRequest)(options, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

describe('health probes', () => {
  it('say ok, and what is not ready', async () => {
    let up = false;
    const webhooks = (): void => {
      if (!up) throw new Error('not listening');
    };
    server = await startHealthServer(local, { webhooks });
    expect(await call('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    expect(await call('/readyz')).toEqual({ status: 503, text: 'webhooks: not listening\n' });
    up = true;
    expect(await call('/readyz')).toEqual({ status: 200, text: 'ok\n' });
    expect((await call('/other')).status).toBe(404);
  });

  it('name the port that is taken', async () => {
    server = await startHealthServer(local, {});
    await expect(startHealthServer({ ...local, port: server.port }, {})).rejects.toThrow(
      /cannot listen for health probes on 127.0.0.1:\d+/,
    );
  });
});

describe('diagnostics', () => {
  const metricsText = (): Promise<string> => Promise.resolve('k0smotron_up 1\n');

  it('are open to all when told so', async () => {
    const set: number[] = [];
    server = await startDiagnosticsServer({
      address: local,
      metricsText,
      logger: silentLogger,
      setVerbosity: (v) => void set.push(v),
    });
    expect(await call('/metrics')).toEqual({ status: 200, text: 'k0smotron_up 1\n' });
    expect((await call('/debug/flags/v', { method: 'PUT', body: '4' })).status).toBe(200);
    expect((await call('/debug/flags/v', { method: 'PUT', body: 'loud' })).status).toBe(400);
    expect((await call('/other')).status).toBe(404);
    expect(set).toEqual([4]);
  });

  it('ask the API server who calls and whether they may, once a minute', async () => {
    const asked: string[] = [];
    const kube = fakeKube({
      onRequest: ({ path, body }) => {
        asked.push(path);
        const { spec } = body as { spec: { token?: string; user?: string } };
        if (path.endsWith('tokenreviews')) {
          const authenticated = spec.token !== 'stranger';
          return { status: 201, body: { status: { authenticated, user: { username: spec.token } } } };
        }
        return { status: 201, body: { status: { allowed: spec.user === 'prometheus' } } };
      },
    });
    const clock = fakeClock();
    const secured = { certificate: selfSigned(), authorize: createAuthorizer(kube, clock) };
    server = await startDiagnosticsServer({ address: local, metricsText, logger: silentLogger, secured });
    const statusFor = async (token?: string): Promise<number> =>
      (await call('/metrics', { tls: true, ...(token ? { token } : {}) })).status;
    expect(await statusFor()).toBe(401);
    expect(await statusFor('stranger')).toBe(401);
    expect(await statusFor('somebody')).toBe(403);
    expect(await statusFor('prometheus')).toBe(200);
    const before = asked.length;
    expect(await statusFor('prometheus')).toBe(200);
    expect(asked).toHaveLength(before);
    await clock.advance(61_000);
    expect(await statusFor('prometheus')).toBe(200);
    expect(asked).toHaveLength(before + 2);
  });
});
