import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { messageOf, systemClock, type Clock } from '@k0smotron/core';
import { ConfigError } from './errors.ts';
import type { Credentials, CredentialSource } from './kube-config.ts';

/** Where each credential lies on disk. */
export type CredentialFiles = Readonly<Partial<Record<keyof Credentials, string>>>;

/** How old a look at the files may be; the kubelet and cert-manager change them long before the old ones end. */
const lookEveryMs = 1_000;

/**
 * Credentials from files that somebody else rotates (service-account tokens, client certificates). They are read again when
 * a file's identity or time changed. While certificate and key do not fit each other, or a file cannot be read, the last
 * good set stays in use.
 *
 * @throws ConfigError when there never was a good set.
 */
export function fileCredentials(
  files: CredentialFiles,
  fixed: Credentials = {},
  clock: Clock = systemClock,
): CredentialSource {
  let good: Credentials | undefined;
  let stamp = '';
  let lookedAtMs = -Infinity;
  let looking: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    try {
      const seen = await stampOf(files);
      if (good && seen === stamp) return;
      const next = await readAll(files);
      assertPair({ ...fixed, ...next });
      good = next;
      stamp = seen;
    } catch (cause) {
      if (!good) throw new ConfigError(`credentials: ${messageOf(cause)}`, { cause });
    } finally {
      lookedAtMs = clock.monotonicMs();
      looking = undefined;
    }
  };

  return async ({ renew }) => {
    if (!good || renew || clock.monotonicMs() - lookedAtMs >= lookEveryMs) await (looking ??= look());
    return good ?? {};
  };
}

async function stampOf(files: CredentialFiles): Promise<string> {
  const stamps = await Promise.all(
    Object.values(files).map(async (path) => {
      const { ino, mtimeMs, size } = await stat(path);
      return `${ino}:${mtimeMs}:${size}`;
    }),
  );
  return stamps.join(' ');
}

async function readAll(files: CredentialFiles): Promise<Credentials> {
  const entries = await Promise.all(
    Object.entries(files).map(async ([field, path]) => {
      const text = await readFile(path, 'utf8');
      if (text.trim() === '') throw new Error(`${path} is empty`);
      return [field, field === 'token' ? text.trim() : text] as const;
    }),
  );
  return Object.fromEntries(entries);
}

/** Certificate and key are two files, so one can be new and the other still old. */
function assertPair({ clientCertPem: cert, clientKeyPem: key }: Credentials): void {
  if (cert !== undefined && key !== undefined) createSecureContext({ cert, key });
}
