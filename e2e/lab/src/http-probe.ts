import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';

/** Certificates for a probe over TLS. */
export interface ProbeTls {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Status and body of one GET with its own connection; gives up after two seconds. */
export function probe(url: string, tls?: ProbeTls): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const options = { agent: false as const, timeout: 2_000, ...tls };
    const request = (url.startsWith('https:') ? httpsGet : httpGet)(url, options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`${url}: no answer in 2 s`)));
    request.on('error', reject);
  });
}
