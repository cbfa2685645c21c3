import { createServer, type ServerResponse } from 'node:http';
import { messageOf } from '@k0smotron/core';
import type { ListenAddress } from '../config/flag.ts';
import { listen, type Listening } from './listen.ts';

/** Throws, with the reason, while what it checks is not ready. */
export type ReadyCheck = () => void | Promise<void>;

/**
 * Serves `/healthz` (the process answers) and `/readyz` (every check passes). Readiness never waits for caches or NATS: the
 * conversion webhooks behind it are needed to fill the caches (ER-4).
 *
 * @throws ConfigError when the port cannot be had.
 */
export function startHealthServer(
  address: ListenAddress,
  checks: Readonly<Record<string, ReadyCheck>>,
): Promise<Listening> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/healthz') answer(response, 200, 'ok');
    else if (pathname === '/readyz') void answerReady(response, checks);
    else answer(response, 404, 'not found');
  });
  return listen(server, 'health probes', address);
}

async function answerReady(response: ServerResponse, checks: Readonly<Record<string, ReadyCheck>>): Promise<void> {
  const problems = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await check();
        return [];
      } catch (error) {
        return [`${name}: ${messageOf(error)}`];
      }
    }),
  );
  const failed = problems.flat();
  answer(response, failed.length === 0 ? 200 : 503, failed.length === 0 ? 'ok' : failed.join('\n'));
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
