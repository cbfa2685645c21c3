import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { messageOf, type Clock, type Logger } from '@k0smotron/core';
import { ConfigError } from '@k0smotron/kube';
import type { PemPair } from '../http/diagnostics-server.ts';

/** Where the certificate of the webhooks lies. */
export interface CertificateFiles {
  readonly dir: string;
  readonly certName: string;
  readonly keyName: string;
}

/**
 * Reads a certificate and its key and checks that they belong together.
 *
 * @throws ConfigError in one line that names the file.
 */
export async function readCertificate({ dir, certName, keyName }: CertificateFiles): Promise<PemPair> {
  const [certPem, keyPem] = await Promise.all([read(join(dir, certName)), read(join(dir, keyName))]);
  try {
    createSecureContext({ cert: certPem, key: keyPem });
  } catch (cause) {
    throw new ConfigError(`${join(dir, certName)} and ${keyName} are no usable pair: ${messageOf(cause)}`, { cause });
  }
  return { certPem, keyPem };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(cause);
    throw new ConfigError(`cannot read the webhook certificate ${path}: ${why}`, { cause });
  }
}

/** Ports of {@link followCertificate}. */
export interface FollowOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The pair in use until now. */
  readonly present: PemPair;
  /** Called with each new pair. */
  readonly onChange: (pair: PemPair) => void;
}

/** A mounted Secret is replaced by turning its `..data` link, so the events of one change come in a burst. */
const settleMs = 200;
/** Watches miss changes on some file systems. */
const lookAnywayMs = 60_000;

/** Tells of each new pair in the folder until the signal aborts; a pair that is half written or wrong keeps the old one. */
export async function followCertificate(
  files: CertificateFiles,
  { clock, logger, present, onChange }: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  let current = present;
  let wake = (): void => undefined;
  const watcher = watch(files.dir, { persistent: false, signal }, () => wake());
  watcher.on('error', (error) => logger.debug('Watching the certificate folder failed', { error: messageOf(error) }));

  while (!signal.aborted) {
    const slept = new AbortController();
    wake = () => slept.abort();
    await clock.sleep(lookAnywayMs, AbortSignal.any([signal, slept.signal])).catch(() => undefined);
    if (slept.signal.aborted) await clock.sleep(settleMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const next = await readCertificate(files);
      if (next.certPem === current.certPem && next.keyPem === current.keyPem) continue;
      current = next;
      onChange(next);
      logger.info('Reloaded the webhook certificate');
    } catch (error) {
      logger.warn('The webhook certificate changed and cannot be used, keeping the last one', {
        error: messageOf(error),
      });
    }
  }
}
