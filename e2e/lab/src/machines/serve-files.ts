import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { LabError } from '../lab-error.ts';
import type { Lab } from '../lab.ts';
import { machineDriver } from './choose-driver.ts';

/** A web server that machines of a lab reach. */
export interface FileServer {
  /** For example `http://172.30.1.1:40123`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the files of a folder on the lab's bridge, from this process; what `downloadURL` of k0s configs points at. */
export async function serveFiles(lab: Lab, folder: string): Promise<FileServer> {
  const { gateway } = await (await machineDriver(lab)).network(lab);
  const server = await serveFolder(folder, { host: gateway, port: 0 });
  server.unref();
  return server;
}

/** Serves the files of a folder at an address of this host; it keeps this process alive. */
export async function serveFolder(
  folder: string,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<FileServer & { unref(): void }> {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const listening = server.address();
  if (listening === null || typeof listening === 'string') throw new LabError('the file server has no port');
  return {
    url: `http://${host}:${listening.port}`,
    unref: () => void server.unref(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://lab');
  // The leading slash makes `..` end at the folder itself.
  const path = join(folder, normalize(`/${decodeURIComponent(pathname)}`));
  const file = await stat(path).catch(() => undefined);
  if (!file?.isFile()) {
    response.writeHead(404).end('not found\n');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.size });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(path), response);
}
