import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { messageOf, type Logger } from '@k0smotron/core';
import type { ListenAddress } from '../config/flag.ts';
import type { Authorizer } from './authorizer.ts';
import { listen, type Listening } from './listen.ts';

/** A certificate and its key, PEM. */
export interface PemPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What the diagnostics listener shows, to whom. */
export interface DiagnosticsOptions {
  readonly address: ListenAddress;
  readonly metricsText: () => Promise<string>;
  readonly setVerbosity?: (verbosity: number) => void;
  readonly logger: Logger;
  /** Plain HTTP for everybody when absent (`--insecure-diagnostics`). */
  readonly secured?: { readonly certificate: PemPair; readonly authorize: Authorizer };
}

/** A diagnostics listener that is open. */
export interface DiagnosticsServer extends Listening {
  /** Shows another certificate to whoever connects from now on, where one is shown. */
  readonly renew: (certificate: PemPair) => void;
}

const tls = ({ certPem, keyPem }: PemPair) => ({ cert: certPem, key: keyPem, minVersion: 'TLSv1.2' as const });

/**
 * Serves `GET /metrics` and `PUT /debug/flags/v`.
 *
 * @throws ConfigError when the port cannot be had.
 */
export async function startDiagnosticsServer(options: DiagnosticsOptions): Promise<DiagnosticsServer> {
  const handle: RequestListener = (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.logger.warn('Answering a diagnostics request failed', { error: messageOf(error) });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
  const { secured } = options;
  const secure = secured && createTlsServer(tls(secured.certificate), handle);
  const listening = await listen(secure ?? createServer(handle), 'diagnostics', options.address);
  return { ...listening, renew: (next) => secure?.setSecureContext(tls(next)) };
}

async function answer(options: DiagnosticsOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname: path } = new URL(request.url ?? '/', 'http://localhost');
  const verb = (request.method ?? 'GET').toLowerCase();
  const { authorization } = request.headers;
  const verdict = options.secured ? await options.secured.authorize({ authorization, path, verb }) : 200;
  if (verdict !== 200) {
    response.writeHead(verdict, verdict === 401 ? { 'www-authenticate': 'Bearer' } : {}).end();
  } else if (path === '/metrics' && verb === 'get') {
    const text = await options.metricsText();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
  } else if (path === '/debug/flags/v' && verb === 'put') {
    await answerVerbosity(options, request, response);
  } else {
    response.writeHead(404).end();
  }
}

async function answerVerbosity(
  { setVerbosity }: DiagnosticsOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await readShort(request);
  const valid = /^\d{1,2}$/.test(text);
  if (valid) setVerbosity?.(Number(text));
  response.writeHead(valid ? 200 : 400).end(valid ? `set -v to ${text}\n` : 'write a number from 0 to 10\n');
}

async function readShort(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > 16) break;
  }
  return text.trim();
}
