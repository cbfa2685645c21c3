import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { setGlobalProxyFromEnv } from 'node:http';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { LabError, messageOf } from '../lab-error.ts';
import { progress } from '../progress.ts';

/** Something to download, and how to know that it is the right thing. */
export interface Download {
  /** For messages, for example `Go 1.26.8`. */
  readonly what: string;
  /** User and password in it are sent, and never shown. */
  readonly url: string;
  readonly sha256: string;
  /** Where it goes; only a file with the right sha256 stays there. */
  readonly path: string;
}

/** A download did not come about: there may be another way. Something wrong that did come is a plain LabError. */
export class UnreachableError extends LabError {}

const stallLimitMs = 30_000;
const tellEveryMs = 15_000;

/**
 * Downloads a file and checks its sha256. HTTP_PROXY, HTTPS_PROXY and NO_PROXY are honoured.
 * @throws UnreachableError when the server cannot be reached or has no such file.
 * @throws LabError when the file has another sha256; it is removed.
 */
export async function download({ what, url, sha256, path }: Download): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const restoreProxies = setGlobalProxyFromEnv();
  try {
    const found = await receive({ what, url, path });
    if (found === sha256) return;
    throw new LabError(`${what} from ${shown(url)} is refused: its sha256 is ${found}, and ${sha256} is expected`);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    restoreProxies();
  }
}

/** Writes the file and gives its sha256. */
async function receive({ what, url, path }: Omit<Download, 'sha256'>): Promise<string> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error(`nothing came for ${stallLimitMs / 1000} s`)), stallLimitMs);
  try {
    const response = await fetch(withoutCredentials(url), { headers: authorization(url), signal: stalled.signal });
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    const size = Number(response.headers.get('content-length') ?? 0);
    progress(`downloading ${what} from ${shown(url)}${size ? ` (${megabytes(size)})` : ''}, first time only`);
    const hash = createHash('sha256');
    const watch = watching({ what, size, onChunk: (chunk) => (timer.refresh(), hash.update(chunk)) });
    await pipeline(Readable.fromWeb(response.body), watch, createWriteStream(path));
    return hash.digest('hex');
  } catch (cause) {
    // fetch says only that it failed; the reason is in the cause.
    const inner = (cause as { readonly cause?: { readonly message?: string } }).cause?.message;
    throw new UnreachableError(`${what} from ${shown(url)}: ${inner || messageOf(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function watching(about: { what: string; size: number; onChunk: (chunk: Buffer) => void }): Transform {
  let received = 0;
  let told = Date.now();
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      about.onChunk(chunk);
      received += chunk.length;
      if (Date.now() - told > tellEveryMs) {
        told = Date.now();
        progress(
          `still downloading ${about.what}, ${megabytes(received)}${about.size ? ` of ${megabytes(about.size)}` : ''}`,
        );
      }
      done(undefined, chunk);
    },
  });
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** fetch refuses addresses with a user, so the user goes into a header. */
function authorization(url: string): Record<string, string> {
  const { username, password } = new URL(url);
  if (!username) return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(plain).toString('base64')}` };
}

function withoutCredentials(url: string): URL {
  const address = new URL(url);
  address.username = '';
  address.password = '';
  return address;
}

const shown = (url: string): string => new URL(url).host;
