import { request } from 'node:https';
import { connect } from 'node:tls';
import type { HostSession } from '@k0smotron/ssh';
import type { CertificatePair } from '@k0smotron/pki';
import { apiPort } from '../names.ts';

const timeoutMs = 4000;

/** What the API server of one controller says of itself, asked on the host, past any load balancer. */
export async function apiServerReady(session: HostSession, caPem: string, client: CertificatePair): Promise<boolean> {
  const stream = await session.forward('127.0.0.1', apiPort);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        path: '/readyz',
        headers: { host: 'kubernetes' },
        timeout: timeoutMs,
        createConnection: () =>
          connect({
            socket: stream,
            ca: caPem,
            cert: client.certPem,
            key: client.keyPem,
            servername: 'kubernetes', // always among the names of a k0s API server
          }),
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode === 200));
      },
    );
    call.on('timeout', () => call.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    call.on('error', reject);
    call.on('close', () => stream.destroy());
    call.end();
  });
}
