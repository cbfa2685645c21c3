import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { aborted } from '@k0smotron/core';
import type { CertificatePair } from '@k0smotron/pki';
import type { HostSession } from '@k0smotron/ssh';
import { apiPort } from '../names.ts';
import type { Line } from './lines.ts';

/** A line to the API server of one controller, on the host itself, past any load balancer. */
export interface ApiLine extends Line {
  /**
   * Whether it calls itself ready. The first time that it does, a watch may begin which ends with this API server.
   *
   * @throws Error when no answer comes within four seconds, TLS fails or the line has ended.
   */
  ready(signal: AbortSignal): Promise<boolean>;
}

const timeoutMs = 4000;
/** Of an object that hardly ever changes: the stream is all that matters. It keeps the server from closing an idle line, too. */
const watchPath = '/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Dkube-system';

/** Whom to believe, as whom to come, and whether to watch. */
export interface ApiLineOptions {
  readonly caPem: string;
  readonly client: CertificatePair;
  readonly watch: boolean;
}

/** Opens a line. @throws ConnectError when the host does not forward to the API server. */
export async function openApiLine(session: HostSession, options: ApiLineOptions): Promise<ApiLine> {
  const { caPem, client } = options;
  const stream = await session.forward('127.0.0.1', apiPort);
  const socket = connectTls({
    socket: stream,
    ca: caPem,
    cert: client.certPem,
    key: client.keyPem,
    servername: 'kubernetes', // always among the names of a k0s API server
    ALPNProtocols: ['h2'],
  });
  const http2 = connectHttp2('https://kubernetes', { createConnection: () => socket });
  http2.on('error', () => undefined); // calls hear of it themselves
  const closed = new Promise<void>((resolve) => http2.once('close', resolve));
  const close = (): void => {
    http2.destroy();
    socket.destroy();
    stream.destroy();
  };
  stream.once('close', close); // TLS does not hear of a channel whose SSH connection broke

  let watch: { readonly begun: Promise<boolean> } | undefined;
  let watched = false;
  return {
    get watched() {
      return watched;
    },
    closed,
    close,
    ready: async (signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      if ((await statusOf(http2, '/readyz', limit)) !== 200) return false;
      if (!options.watch) return true;
      watch ??= beginWatch(http2, close);
      watched = await Promise.race([watch.begun, aborted(limit).then(() => false)]);
      return true;
    },
  };
}

/** The status of a GET, once its answer has ended. */
function statusOf(http2: ClientHttp2Session, path: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = http2.request({ ':path': path }, { signal });
    let status = 0;
    call.on('response', (headers) => (status = Number(headers[':status'])));
    call.on('error', reject);
    call.on('close', () => (status === 0 ? reject(new Error('the line ended without an answer')) : resolve(status)));
    call.resume();
  });
}

function beginWatch(http2: ClientHttp2Session, ended: () => void): { readonly begun: Promise<boolean> } {
  const { promise: begun, resolve } = Promise.withResolvers<boolean>();
  const watch = http2.request({ ':path': watchPath });
  let taken = false;
  watch.on('response', (headers) => resolve((taken = headers[':status'] === 200)));
  watch.on('error', () => undefined);
  watch.on('close', () => {
    resolve(false);
    if (taken) ended();
  });
  watch.resume();
  return { begun };
}
