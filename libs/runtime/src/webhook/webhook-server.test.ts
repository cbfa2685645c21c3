import { mkdtemp, rename, rm, symlink, writeFile, mkdir } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, silentMeter, systemClock } from '@k0smotron/core';
import { eventually } from '@k0smotron/testing';
import { selfSigned } from '../../testing/self-signed.ts';
import type { JsonObject, WebhookHandlers } from './handlers.ts';
import { filesSource } from './certificate-source.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

let dir: string;
let server: WebhookServer | undefined;
let stop: AbortController;
let following: Promise<void> | undefined;

beforeEach(async () => {
  stop = new AbortController();
  dir = await mkdtemp(join(tmpdir(), 'webhook-'));
  await mount('first', selfSigned('first'));
  await symlink('..data/tls.crt', join(dir, 'tls.crt'));
  await symlink('..data/tls.key', join(dir, 'tls.key'));
});
afterEach(async () => {
  stop.abort();
  await following;
  await server?.close();
  server = undefined;
  await rm(dir, { recursive: true });
});

/** As kubelet does: a new folder, then the `..data` link is turned in one move. */
async function mount(version: string, { certPem, keyPem }: { certPem: string; keyPem: string }): Promise<void> {
  await mkdir(join(dir, `..${version}`));
  await writeFile(join(dir, `..${version}`, 'tls.crt'), certPem);
  await writeFile(join(dir, `..${version}`, 'tls.key'), keyPem);
  await symlink(`..${version}`, join(dir, '..data_tmp'));
  await rename(join(dir, '..data_tmp'), join(dir, '..data'));
}

async function start(handlers: WebhookHandlers): Promise<WebhookServer> {
  const ports = { clock: systemClock, logger: silentLogger };
  const certificates = filesSource({ dir, certName: 'tls.crt', keyName: 'tls.key' }, ports);
  const certificate = await certificates.read(stop.signal);
  const started = await startWebhookServer({ handlers, certificate, port: 0, ...ports, meter: silentMeter });
  following = certificates.follow(started.renew, stop.signal);
  return (server = started);
}

function post(path: string, body: string): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = {
      port: server?.port,
      host: 'localhost',
      path,
      method: 'POST',
      rejectUnauthorized: false,
      agent: false,
      headers,
    };
    const call = request(options, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

const review = (objects: readonly JsonObject[], apiVersion = 'apiextensions.k8s.io/v1'): string =>
  JSON.stringify({
    apiVersion,
    kind: 'ConversionReview',
    request: { uid: 'u-1', desiredAPIVersion: 'toys.test/v2', objects },
  });

const toV2 = (object: JsonObject, apiVersion: string): JsonObject => {
  if (object['spec'] === 'bad') throw new Error('spec.size is no number');
  return { ...object, apiVersion };
};
const object = { apiVersion: 'toys.test/v1', kind: 'Toy', metadata: { name: 'a', namespace: 'ns' } };

describe('conversion', () => {
  it.each(['apiextensions.k8s.io/v1', 'apiextensions.k8s.io/v1beta1'])(
    'answers a review of %s in that version',
    async (apiVersion) => {
      await start({ convert: toV2 });
      const { status, body } = await post('/convert', review([object], apiVersion));
      expect(status).toBe(200);
      expect(body).toEqual({
        apiVersion,
        kind: 'ConversionReview',
        response: {
          uid: 'u-1',
          convertedObjects: [{ ...object, apiVersion: 'toys.test/v2' }],
          result: { status: 'Success' },
        },
      });
    },
  );

  it('fails as a whole when one object fails, and names that object', async () => {
    await start({ convert: toV2 });
    const bad = { ...object, metadata: { name: 'b', namespace: 'ns' }, spec: 'bad' };
    const { status, body } = await post('/convert', review([object, bad]));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      response: {
        convertedObjects: [],
        result: { status: 'Failure', message: 'Toy ns/b cannot be converted to toys.test/v2: spec.size is no number' },
      },
    });
  });

  it('takes a review of 6 MiB', async () => {
    await start({ convert: toV2 });
    const { status } = await post('/convert', review([{ ...object, data: 'x'.repeat(6 * 1024 * 1024) }]));
    expect(status).toBe(200);
  });

  it.each([
    ['broken JSON', '{"apiVersion":', 400],
    ['an empty body', '', 400],
    ['a list', '[]', 400],
    ['another kind', '{"kind":"Pod","apiVersion":"v1"}', 400],
    ['an unknown review version', review([], 'apiextensions.k8s.io/v9'), 400],
    ['no request', '{"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1"}', 400],
    ['a text', '"review"', 400],
    ['JSON that was cut off', review([object]).slice(0, -3), 400],
    ['more than 8 MiB', review([{ data: 'x'.repeat(9 * 1024 * 1024) }]), 413],
  ])('refuses %s cleanly', async (_, body, status) => {
    await start({ convert: toV2 });
    // The server may close before all of an oversized body was sent.
    const answer = await post('/convert', body).catch((error: NodeJS.ErrnoException) => ({
      status: 413,
      body: error.code,
    }));
    expect(answer.status).toBe(status);
    expect((await post('/convert', review([object]))).status).toBe(200);
  });
});

describe('a body that is no review', () => {
  /** Sends pieces for as long as the server takes them; gives the status. */
  function stream(headers: Record<string, string>, pieces: Iterable<string>): Promise<number> {
    return new Promise((resolve) => {
      const options = { port: server?.port, host: 'localhost', path: '/convert', method: 'POST', agent: false };
      let status = 0;
      const call = request({ ...options, rejectUnauthorized: false, headers }, (response) => {
        status = response.statusCode ?? 0;
        response.resume();
      });
      call.on('error', () => undefined).on('close', () => resolve(status));
      void pipeline(Readable.from(pieces), call).catch(() => undefined);
    });
  }
  function* endless(): Generator<string> {
    for (;;) yield 'x'.repeat(64 * 1024);
  }

  it('is refused while it still comes, when its length was not told', async () => {
    await start({ convert: toV2 });
    expect(await stream({ 'content-type': 'application/json' }, endless())).toBe(413);
    expect((await post('/convert', review([object]))).status).toBe(200);
  });

  it('is refused with 415 when it is of another type', async () => {
    await start({ convert: toV2 });
    expect(await stream({ 'content-type': 'application/xml' }, ['<review/>'])).toBe(415);
  });

  it('leaves no memory behind', async () => {
    await start({ convert: toV2 });
    const json = { 'content-type': 'application/json' };
    const refuseMany = async (times: number): Promise<void> => {
      for (let round = 0; round < times; round += 1) {
        expect(await stream(json, endless())).toBe(413);
        expect(await stream(json, ['{"kind":"', 'x'.repeat(7 * 1024 * 1024)])).toBe(400);
      }
    };
    await refuseMany(5);
    const before = kept();
    await refuseMany(25);
    const grownMb = (): number => (kept() - before) / 1024 / 1024;
    await eventually(() => expect(grownMb()).toBeLessThan(16)); // each round sent 15 MiB
  }, 60_000);
});

/** Bytes that are still held after a collection. */
function kept(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('admission', () => {
  const admission = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u-2', operation: 'CREATE', object },
  });

  it.each([
    ['an allowed object', { allowed: true, warnings: ['old field'] }, { allowed: true, warnings: ['old field'] }],
    [
      'a refused one',
      { allowed: false, message: 'write 3' },
      { allowed: false, status: { code: 422, reason: 'Invalid', message: 'write 3' } },
    ],
    [
      'a changed one',
      { allowed: true, patch: [{ op: 'add', path: '/spec', value: 1 }] },
      {
        allowed: true,
        patchType: 'JSONPatch',
        patch: Buffer.from('[{"op":"add","path":"/spec","value":1}]').toString('base64'),
      },
    ],
  ])('says so of %s', async (_, response, expected) => {
    await start({ admit: [{ path: '/validate', review: () => response }] });
    const { body } = await post('/validate', admission);
    expect(body).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'u-2', ...expected },
    });
  });

  it('refuses with code 500 when the handler throws', async () => {
    await start({ admit: [{ path: '/validate', review: () => Promise.reject(new Error('boom')) }] });
    const { status, body } = await post('/validate', admission);
    expect(status).toBe(200);
    expect(body).toMatchObject({ response: { uid: 'u-2', allowed: false, status: { code: 500 } } });
  });

  it('knows no other path', async () => {
    await start({});
    expect((await post('/convert', review([]))).status).toBe(404);
  });
});

describe('the certificate', () => {
  const subjectNow = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port: server?.port, host: 'localhost', rejectUnauthorized: false }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.on('error', reject);
    });

  it('is reloaded when the mounted folder turns, without a pause', async () => {
    const { check } = await start({ convert: toV2 });
    expect(await subjectNow()).toBe('first');
    await mount('second', selfSigned('second'));
    await eventually(async () => expect(await subjectNow()).toBe('second'));
    await check();
    expect((await post('/convert', review([object]))).status).toBe(200);
  });

  it('stays when the new one is no pair', async () => {
    await start({ convert: toV2 });
    await mount('broken', { certPem: selfSigned('broken').certPem, keyPem: selfSigned().keyPem });
    await mount('third', selfSigned('third'));
    await eventually(async () => expect(await subjectNow()).toBe('third'));
  });

  it('is asked for in one line when it is missing or wrong', async () => {
    await mount('wrong', { certPem: 'no certificate', keyPem: 'no key' });
    await expect(start({})).rejects.toThrow(/tls.crt and tls.key are no usable pair/);
    await rm(join(dir, 'tls.crt'));
    await expect(start({})).rejects.toThrow(/cannot read the webhook certificate .*tls.crt: there is no such file/);
  });
});

describe('the readiness check', () => {
  it('fails once the listener is closed', async () => {
    const { check, close } = await start({});
    await check();
    await close();
    server = undefined;
    await expect(check()).rejects.toThrow(/ECONNREFUSED/);
  });
});
