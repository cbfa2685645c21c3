import { connect } from 'node:tls';
import { messageOf, type Clock, type Logger, type Meter } from '@k0smotron/core';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { PemPair } from '../http/diagnostics-server.ts';
import { listen } from '../http/listen.ts';
import { answerAdmission } from './admission-review.ts';
import { answerConversion, BadReviewError } from './conversion-review.ts';
import type { WebhookHandlers } from './handlers.ts';

/** Where webhooks listen and what answers them. */
export interface WebhookServerOptions {
  readonly handlers: WebhookHandlers;
  readonly certificate: PemPair;
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** A webhook listener that is open. */
export interface WebhookServer {
  readonly port: number;
  /** @throws when a TLS handshake with our own listener fails: the readiness of ER-4. */
  readonly check: () => Promise<void>;
  /** Shows another certificate to whoever connects from now on; open connections stay. */
  readonly renew: (certificate: PemPair) => void;
  readonly close: () => Promise<void>;
}

/** fastify's own 1 MiB refused a review of 1.5 MB (ER-4); a review holds two objects of at most 1.5 MiB, or a list. */
const bodyLimit = 8 * 1024 * 1024;
const checkTimeoutMs = 2000;
/** The API server waits 30 s at most; a body that comes slower than that holds memory for nobody. */
const requestTimeout = 30_000;

/** Routes have no schemas, so fastify shall not load its compilers of schemas (ajv among them, ER-5). */
const needless = () => () => {
  throw new Error('webhooks declare no schemas');
};
const noSchemas = { buildValidator: () => needless(), buildSerializer: () => needless() };

const secured = ({ certPem, keyPem }: PemPair) => ({ cert: certPem, key: keyPem, minVersion: 'TLSv1.2' as const });

/**
 * Serves conversion and admission over TLS.
 *
 * @throws ConfigError when the port cannot be had.
 */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { certificate, port } = options;
  const app = fastify({
    https: secured(certificate),
    bodyLimit,
    requestTimeout,
    logger: false,
    schemaController: { compilersFactory: noSchemas },
  });
  addRoutes(app, options);
  await app.ready();

  const { server } = app;
  const listening = await listen(server, 'webhooks', { port });
  return {
    port: listening.port,
    check: () => handshake(listening.port),
    renew: (next) => server.setSecureContext(secured(next)),
    close: () => listening.close().then(() => app.close()),
  };
}

function addRoutes(app: FastifyInstance, { handlers, clock, meter, logger }: WebhookServerOptions): void {
  const { convert, admit = [] } = handlers;
  const route = (path: string, answer: (body: unknown) => unknown): void => {
    app.post(path, async (request, reply) => {
      const startedAtMs = clock.monotonicMs();
      try {
        return await sendJson(reply, await answer(request.body));
      } finally {
        meter.seconds('webhook', (clock.monotonicMs() - startedAtMs) / 1000, { path });
      }
    });
  };
  if (convert) route('/convert', (body) => answerConversion(body, convert));
  for (const handler of admit) route(handler.path, (body) => answerAdmission(body, handler));

  app.setErrorHandler((error: Error & { readonly statusCode?: number }, request, reply) => {
    const status = error instanceof BadReviewError ? 400 : (error.statusCode ?? 500);
    const level = status < 500 ? 'debug' : 'error';
    logger[level]('Answering a webhook failed', { path: request.url, status, error: messageOf(error) });
    return reply.code(status).send({ message: status < 500 ? error.message : 'internal error' });
  });
}

/** Written by hand: without a schema fastify would only do the same, after looking for one. */
const sendJson = (reply: FastifyReply, body: unknown): FastifyReply =>
  reply.header('content-type', 'application/json').send(JSON.stringify(body));

/** The certificate names the Service, not this host, and is our own: only the handshake counts. */
async function handshake(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.setTimeout(checkTimeoutMs, () => reject(new Error('the webhook listener does not answer')));
    });
  } finally {
    socket.destroy();
  }
}
