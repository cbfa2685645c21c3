import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock, type Kind } from '@k0smotron/core';
import { connectKube } from './connect-kube.ts';
import {
  ForbiddenError,
  InvalidError,
  KubeError,
  NotFoundError,
  TooManyRequestsError,
  UnreachableError,
} from './errors.ts';
import type { KubeConfig } from './kube-config.ts';

const Secret: Kind = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
const key = { namespace: 'a', name: 'x' };
type Handler = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(handler: Handler): Promise<{ config: KubeConfig; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    request.resume();
    handler(request, response, asked.length);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { config: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, asked };
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
const secret = (resourceVersion = '1') => ({ apiVersion: 'v1', kind: 'Secret', metadata: { ...key, resourceVersion } });
const failure = (code: number, reason: string, message: string, details = {}) => ({
  kind: 'Status',
  status: 'Failure',
  code,
  reason,
  message,
  details,
});

function hurriedClock(): Clock & { readonly pauses: number[] } {
  const pauses: number[] = [];
  const sleep: Clock['sleep'] = (ms, signal) => {
    pauses.push(ms);
    return systemClock.sleep(1, signal);
  };
  return { ...systemClock, pauses, sleep };
}

describe('a call', () => {
  it('waits as long as Retry-After says, then goes on', async () => {
    const clock = hurriedClock();
    const { config } = await serve((_, response, nth) =>
      nth < 3
        ? answer(response, 429, failure(429, 'TooManyRequests', 'slow'), { 'retry-after': '2' })
        : answer(response, 200, secret()),
    );
    expect(await connectKube(config, { clock }).get(Secret, key)).toMatchObject({ metadata: key });
    expect(clock.pauses.length).toBe(2);
    for (const [at, ms] of clock.pauses.entries()) {
      expect(ms).toBeGreaterThanOrEqual(2_000);
      expect(ms).toBeLessThanOrEqual(2_000 + 1_000 * (at + 1));
    }
  });

  it.each([
    { what: 'after some short waits', after: '2', tries: 5 },
    { what: 'at once when it would be a long wait', after: '3600', tries: 1 },
  ])('gives up on 429 $what, and says how long to stay away', async ({ after, tries }) => {
    const clock = hurriedClock();
    const body = failure(429, 'TooManyRequests', 'slow');
    const { config, asked } = await serve((_, response) => answer(response, 429, body, { 'retry-after': after }));
    const call = connectKube(config, { clock }).get(Secret, key);
    await expect(call).rejects.toMatchObject({ retryAfterMs: Number(after) * 1_000 });
    await expect(call).rejects.toBeInstanceOf(TooManyRequestsError);
    expect(asked.length).toBe(tries);
  });

  it('is repeated once when a GET was cut, never when a write was', async () => {
    const { config, asked } = await serve((request, response, nth) => {
      if (nth === 1 || request.method !== 'GET') request.socket.destroy();
      else answer(response, 200, secret());
    });
    const client = connectKube(config);
    expect(await client.get(Secret, key)).toBeDefined();
    const write = client.create(Secret, { metadata: key });
    await expect(write).rejects.toBeInstanceOf(UnreachableError);
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST']);
  });

  it('says where it could not get through', async () => {
    const call = connectKube({ server: 'http://127.0.0.1:9' }).get(Secret, key);
    await expect(call).rejects.toThrow(/GET \/api\/v1\/namespaces\/a\/secrets\/x: .*ECONNREFUSED.*127\.0\.0\.1:9/);
  });

  it('takes no more connections than allowed', async () => {
    let open = 0;
    let most = 0;
    const { config } = await serve((_, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        answer(response, 200, secret());
      }, 5);
    });
    const client = connectKube(config, { maxCalls: 4 });
    await Promise.all(Array.from({ length: 40 }, () => client.get(Secret, key)));
    expect(most).toBe(4);
  });

  it('can be aborted, and has its time limit, while it waits for a connection', async () => {
    const { config, asked } = await serve(() => undefined);
    const client = connectKube(config, { maxCalls: 1, callLimitMs: 300 });
    const stop = new AbortController();
    const calls = [client.get(Secret, key), client.get(Secret, key, stop.signal), client.get(Secret, key)];
    stop.abort(new Error('enough'));
    const reasons = (await Promise.allSettled(calls)).map((call) => call.status === 'rejected' && String(call.reason));
    const late = expect.stringMatching(/UnreachableError: .*no answer within 300 ms/);
    expect(reasons).toEqual([late, 'Error: enough', late]);
    expect(asked).toHaveLength(1);
  });

  it('tells absence of an object from absence of its kind', async () => {
    const { config } = await serve((request, response) =>
      request.url?.endsWith('/x')
        ? answer(response, 404, failure(404, 'NotFound', 'secrets "x" not found', { name: 'x', kind: 'secrets' }))
        : response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n'),
    );
    const client = connectKube(config);
    expect(await client.get(Secret, key)).toBeUndefined();
    await expect(client.get(Secret, { ...key, name: 'y' })).rejects.toBeInstanceOf(NotFoundError);
    await expect(client.remove(Secret, { ...key, name: 'y' })).rejects.toBeInstanceOf(NotFoundError);
  });

  it.each([
    [403, 'Forbidden', ForbiddenError],
    [422, 'Invalid', InvalidError],
    [500, 'InternalError', KubeError],
  ])('turns a %i into the error to react to', async (code, reason, type) => {
    const { config } = await serve((_, response) => answer(response, code, failure(code, reason, 'because')));
    const call = connectKube(config).create(Secret, { metadata: key });
    await expect(call).rejects.toBeInstanceOf(type);
    await expect(call).rejects.toMatchObject({
      status: code,
      reason,
      message: 'POST /api/v1/namespaces/a/secrets: because',
    });
  });

  it('never repeats what the server quotes from a Secret that it could not read', async () => {
    const quoted = failure(400, 'BadRequest', 'illegal base64 in {"data":{"value":"hunter2"}}');
    const { config } = await serve((_, response) => answer(response, 400, quoted));
    const call = connectKube(config, {}).create(Secret, { metadata: key });
    await expect(call).rejects.not.toThrow('hunter2');
  });

  it('reads the credentials again after a 401, and repeats when they changed', async () => {
    let token = 'old';
    const renewals: boolean[] = [];
    const { config, asked } = await serve((request, response) =>
      request.headers.authorization === 'Bearer new'
        ? answer(response, 200, secret())
        : answer(response, 401, failure(401, 'Unauthorized', 'Unauthorized')),
    );
    const client = connectKube({
      ...config,
      credentials: ({ renew }) => {
        renewals.push(renew);
        if (renew) token = 'new';
        return Promise.resolve({ token });
      },
    });
    expect(await client.get(Secret, key)).toBeDefined();
    expect(renewals).toEqual([false, true]);
    expect(asked.length).toBe(2);
  });

  it('keeps a path prefix of the server', async () => {
    const { config, asked } = await serve((_, response) => answer(response, 200, secret()));
    await connectKube({ ...config, server: `${config.server}/k8s/clusters/c1/` }).get(Secret, key);
    expect(asked[0]?.url).toBe('/k8s/clusters/c1/api/v1/namespaces/a/secrets/x');
  });

  it('gives raw answers whatever their status', async () => {
    const { config } = await serve((_, response) =>
      response.writeHead(503, { 'content-type': 'text/plain' }).end('not ready'),
    );
    expect(await connectKube(config).request({ method: 'GET', path: '/readyz' })).toEqual({
      status: 503,
      body: 'not ready',
    });
  });

  it('ends at once when aborted', async () => {
    const { config } = await serve(() => undefined);
    const over = new AbortController();
    const call = connectKube(config).get(Secret, key, over.signal);
    setTimeout(() => over.abort(new Error('stopping')), 20);
    await expect(call).rejects.toThrow('stopping');
  });
});

describe('a list', () => {
  it('is read again in one piece when its pages expire', async () => {
    const { config, asked } = await serve((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams;
      if (query.has('continue')) answer(response, 410, failure(410, 'Expired', 'too old'));
      else if (query.has('limit'))
        answer(response, 200, { metadata: { resourceVersion: '5', continue: 'more' }, items: [{ metadata: key }] });
      else answer(response, 200, { metadata: { resourceVersion: '9' }, items: [{ metadata: key }, { metadata: key }] });
    });
    const { items, resourceVersion } = await connectKube(config).listing(Secret);
    expect([items.length, resourceVersion, asked.length]).toEqual([2, '9', 3]);
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'Secret' });
  });
});

const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

describe('a watch', () => {
  const watching = async (handler: Handler, idleLimitMs = 60_000) => {
    const { config } = await serve(handler);
    const over = new AbortController();
    const seen: string[] = [];
    const ended = (async () => {
      const options = { resourceVersion: '1', idleLimitMs };
      for await (const { type, object } of connectKube(config).watch(Secret, options, over.signal)) {
        seen.push(`${type} ${object.metadata.resourceVersion}`);
      }
    })();
    return { seen, ended, over };
  };
  it('puts together lines that come in pieces', async () => {
    const whole = Buffer.from(line('ADDED', { ...secret('2'), note: 'käse' }) + line('BOOKMARK', secret('3')));
    const { seen, ended } = await watching((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      for (const byte of whole) response.write(Buffer.from([byte]));
      response.end();
    });
    await ended;
    expect(seen).toEqual(['ADDED 2', 'BOOKMARK 3']);
  });

  it.each([
    [
      'in the stream',
      (response: ServerResponse) => response.writeHead(200).end(line('ERROR', failure(410, 'Expired', 'too old'))),
    ],
    ['before it', (response: ServerResponse) => answer(response, 410, failure(410, 'Expired', 'too old'))],
  ])('throws ExpiredError when 410 comes %s', async (_, respond) => {
    const { ended } = await watching((_request, response) => respond(response));
    await expect(ended).rejects.toMatchObject({ name: 'ExpiredError' });
  });

  it('gives up a stream that is silent for too long', async () => {
    const { ended } = await watching((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write(line('ADDED', secret('2')));
    }, 100);
    await expect(ended).rejects.toThrow('nothing came for 100 ms');
  });

  it('says that it was cut', async () => {
    const { ended } = await watching((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write(line('ADDED', secret('2')), () => {
        response.socket?.destroy();
      });
    });
    await expect(ended).rejects.toBeInstanceOf(UnreachableError);
  });

  it('never quotes an event that it cannot read', async () => {
    const { ended } = await watching((_, response) => {
      response.writeHead(200).end('{"type":"ADDED","object":{"data":"hunter2\n');
    });
    await expect(ended).rejects.toThrow('was not JSON');
    await expect(ended).rejects.not.toThrow('hunter2');
  });
});
