import { connect as connectTcp } from 'node:net';
import ssh2, { type Client, type ParsedKey } from 'ssh2';
import { AuthError, ConnectError, HostKeyChangedError } from './errors.ts';
import { fingerprintOf, hostKeyFamilies, normalPin } from './host-key.ts';
import type { HostSession } from './host-session.ts';
import { openSession } from './open-session.ts';
import { addressOf, nameOf, type SshTarget } from './target.ts';

const defaultReadyTimeoutMs = 15_000;
/** A peer that is silent for three of these is gone: half-open connections end within 30 s. */
const defaultKeepaliveMs = 10_000;
/** The kernel asks a silent host after so long, and gives it up ten seconds later: that costs the process nothing. */
const probeAfterMs = 15_000;

/**
 * Opens an authenticated session and checks the host key on the way (pin, or trust on first use).
 *
 * @throws HostKeyChangedError, AuthError (also for an unusable key) or ConnectError; each names the host, what was seen
 *   and the way out. The signal's reason when aborted.
 */
export async function connectSsh(target: SshTarget, signal?: AbortSignal): Promise<HostSession> {
  checkKey(target);
  const everyFamily = hostKeyFamilies.flat();
  try {
    return await attempt(target, everyFamily, signal);
  } catch (error) {
    if (!(error instanceof HostKeyChangedError)) throw error;
    // The pin may be of another key of the same host: ask for each family before we call it changed.
    for (const family of hostKeyFamilies) {
      const session = await attempt(target, [...family], signal).catch((next: unknown) => {
        if (next instanceof AuthError) throw next;
        signal?.throwIfAborted();
        return undefined;
      });
      if (session) return session;
    }
    throw error;
  }
}

type HostKeyAlgorithm = (typeof hostKeyFamilies)[number][number];

/** @throws AuthError that says what is wrong with the key, never what is in it. */
function checkKey(target: SshTarget): void {
  const way = 'give an unencrypted private key in PEM or OpenSSH form';
  let parsed: ParsedKey | ParsedKey[] | Error;
  try {
    parsed = ssh2.utils.parseKey(target.privateKey);
  } catch {
    parsed = new Error('unreadable');
  }
  if (parsed instanceof Error) {
    const encrypted = /encrypted|passphrase/i.test(parsed.message);
    const what = encrypted ? 'has a passphrase' : 'is not a private key that can be read';
    throw new AuthError(`${nameOf(target)}: the SSH key ${what}; ${way}`);
  }
  const key: ParsedKey | undefined = Array.isArray(parsed) ? (parsed as ParsedKey[])[0] : parsed;
  if (!key?.isPrivateKey()) throw new AuthError(`${nameOf(target)}: the SSH key is a public key; ${way}`);
}

function attempt(target: SshTarget, serverHostKey: HostKeyAlgorithm[], signal?: AbortSignal): Promise<HostSession> {
  const pin = target.hostKeySha256 ? normalPin(target.hostKeySha256) : undefined;
  const readyTimeoutMs = target.readyTimeoutMs ?? defaultReadyTimeoutMs;

  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const client: Client = new ssh2.Client();
    let hostKey = '';
    let settled = false;

    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (error: Error): void =>
      settle(() => {
        client.destroy();
        reject(error);
      });
    const onAbort = (): void => fail(signal?.reason as Error);
    // One limit for all phases; ssh2's own leaves out some of them.
    const timer = setTimeout(
      () => fail(new ConnectError(`${addressOf(target)}: no SSH session after ${readyTimeoutMs} ms; ${howToReach}`)),
      readyTimeoutMs,
    );

    signal?.addEventListener('abort', onAbort, { once: true });
    client.on('error', (cause) => {
      if (pin !== undefined && hostKey !== '' && hostKey !== pin) {
        fail(new HostKeyChangedError(addressOf(target), { expected: pin, seen: hostKey }));
      } else fail(reactionTo(target, cause));
    });
    client.once('close', () => fail(new ConnectError(`${addressOf(target)} closed the connection; ${howToReach}`)));
    client.once('ready', () => settle(() => resolve(openSession(client, { target, hostKey }))));

    try {
      client.connect({
        sock: connectTcp({
          host: target.host,
          port: target.port,
          noDelay: true, // what comes through channels is small and waited for
          keepAlive: true,
          keepAliveInitialDelay: probeAfterMs,
        }),
        username: target.user,
        privateKey: target.privateKey,
        // Without the probe 'none', which ssh2 sends first.
        authHandler: ['publickey'],
        algorithms: { serverHostKey },
        hostVerifier: (seen: Buffer) => {
          hostKey = fingerprintOf(seen);
          return pin === undefined || pin === hostKey;
        },
        keepaliveInterval: target.keepaliveMs ?? defaultKeepaliveMs,
        keepaliveCountMax: 3,
        readyTimeout: 0,
      });
    } catch (cause) {
      fail(new ConnectError(`${addressOf(target)}: ${(cause as Error).message}`, { cause }));
    }
  });
}

const howToReach = 'check the address, the port, the firewall and that sshd runs there';

/** Translates ssh2's error into what a caller can do about it. */
function reactionTo(target: SshTarget, cause: Error & { level?: string; code?: string }): Error {
  if (cause.level === 'client-authentication') {
    return new AuthError(
      `${nameOf(target)}: the host refused the key; check the user name and that the public key is in its authorized_keys`,
      { cause },
    );
  }
  const what = cause.code ?? cause.message;
  return new ConnectError(`${addressOf(target)}: no SSH connection (${what}); ${howToReach}`, { cause });
}
