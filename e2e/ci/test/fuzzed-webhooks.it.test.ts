import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { selfSigned } from '@k0smotron/runtime/testing';
import fc from 'fast-check';
import { attempts, type Attempt } from './fuzzed-webhooks/reviews.ts';

const seed = 20261122;
const reviews = 10_000;
/** Sent side by side, as an API server does. */
const atOnce = 10;
const megabyte = 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly text: string;
}

describe('the webhooks of all services', () => {
  let dir: string;
  let child: ChildProcess;
  let port: number;
  let paths: readonly string[];
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce, rejectUnauthorized: false });

  const told = async <T>(): Promise<T> => (await once(child, 'message'))[0] as T;
  const memory = (): Promise<NodeJS.MemoryUsage> => {
    child.send('collect');
    return told();
  };
  const post = ({ path, body }: Attempt): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const call = request({ host: 'localhost', port, path, method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      call.on('error', reject).end(body);
    });

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'fuzzed-webhooks-'));
    const { certPem, keyPem } = selfSigned();
    await writeFile(join(dir, 'tls.crt'), certPem);
    await writeFile(join(dir, 'tls.key'), keyPem);
    child = fork(join(import.meta.dirname, 'fuzzed-webhooks/process.ts'), [dir], {
      execArgv: ['--expose-gc', '--max-semi-space-size=2', '--disable-warning=ExperimentalWarning'],
    });
    ({ port, paths } = await told<{ port: number; paths: readonly string[] }>());
  });
  afterAll(async () => {
    agent.destroy();
    child.disconnect();
    await once(child, 'exit');
    await rm(dir, { recursive: true });
  });

  /** A verdict for the review that was sent, or word that it is none: nothing else, and never nothing. */
  const expectAnswer = async (attempt: Attempt): Promise<void> => {
    const { status, text } = await post(attempt);
    const answer = JSON.parse(text) as { kind?: string; message?: string; response?: Record<string, unknown> };
    if (status === 400) return expect(typeof answer.message).toBe('string');
    expect(status).toBe(200);
    const sent = JSON.parse(attempt.body) as { kind: string; request: { uid: string } };
    expect(answer.kind).toBe(sent.kind);
    expect(answer.response?.['uid']).toBe(sent.request.uid);
    if (answer.kind === 'AdmissionReview') return expect(typeof answer.response?.['allowed']).toBe('boolean');
    expect(answer.response?.['result']).toMatchObject({ status: expect.stringMatching(/^(Success|Failure)$/) });
  };
  const fuzz = (count: number, from: number): Promise<void> =>
    fc.assert(
      fc.asyncProperty(fc.array(attempts(paths), { minLength: atOnce, maxLength: atOnce }), async (batch) => {
        await Promise.all(batch.map(expectAnswer));
      }),
      { numRuns: count / atOnce, seed: from },
    );

  it(`answer ${reviews} malformed reviews (seed ${seed}), and keep nothing of them`, async () => {
    await fuzz(reviews / 10, seed);
    const before = await memory();
    await fuzz(reviews, seed + 1);
    const after = await memory();
    const grown = (what: 'heapUsed' | 'external' | 'rss') => (after[what] - before[what]) / megabyte;
    console.log(`grown by ${grown('heapUsed').toFixed(1)} MB of heap, ${grown('rss').toFixed(1)} MB in all`);
    expect(grown('heapUsed')).toBeLessThan(2);
    expect(grown('external')).toBeLessThan(2);
    expect(grown('rss')).toBeLessThan(16);
  }, 600_000);
});
