import { annotations, type RemoteMachine } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import { AuthError, ConnectError, connectSsh, HostKeyChangedError, probeSudo, type HostSession } from '@k0smotron/ssh';
import { HostFailureError, type HostFailure } from './host-failure.ts';
import { pinHostKey, pinOn, readHolder, type Holder } from './host-key-pin.ts';
import type { SshKey } from './ssh-key.ts';

/** A session in which commands can be run as root. */
export interface OpenHost {
  readonly session: HostSession;
  /** True when the user is not root, so that commands go through sudo. */
  readonly sudo: boolean;
}

/** `address:port`, as messages name a host. */
export const placeOf = ({ spec }: RemoteMachine): string => `${spec.address}:${spec.port ?? 22}`;

/**
 * Connects to a machine's host, checks or makes the pin of its host key, and makes sure that we can be root. Whatever
 * `useSudo` says, sudo is used when the user is not root (article example A): no work on a host can do without.
 *
 * @throws HostFailureError in the words of a condition; the caller closes the session otherwise.
 */
export async function openHost(
  kube: KubeClient,
  machine: RemoteMachine,
  key: SshKey,
  signal: AbortSignal,
): Promise<OpenHost> {
  const { address = '', port, user } = machine.spec;
  const holder = await readHolder(kube, machine, signal);
  const pin = pinOn(holder);
  const target = { host: address, port: port ?? 22, user: user ?? 'root', privateKey: key.bytes, hostKeySha256: pin };
  const session = await connectSsh(target, signal).catch((cause: unknown) => {
    throw new HostFailureError(connectFailure(cause, machine), { cause });
  });
  try {
    if (!pin) await pinned(kube, machine, { seen: session.hostKey, holder }, signal);
    return { session, sudo: session.user !== 'root' && (await needsSudo(session, machine)) };
  } catch (cause) {
    session.close();
    throw cause;
  }
}

/** Two first connections at once may have met two hosts: what counts is the pin that was written first. */
async function pinned(
  kube: KubeClient,
  machine: RemoteMachine,
  met: { readonly seen: string; readonly holder: Holder | undefined },
  signal: AbortSignal,
): Promise<void> {
  const expected = await pinHostKey(kube, machine, met, signal);
  if (expected === met.seen) return;
  const cause = new HostKeyChangedError(placeOf(machine), { expected, seen: met.seen });
  throw new HostFailureError(connectFailure(cause, machine), { cause });
}

async function needsSudo(session: HostSession, machine: RemoteMachine): Promise<boolean> {
  const rights = await probeSudo(session);
  if (rights === 'root') return false;
  if (rights === 'sudo') return true;
  throw new HostFailureError({
    reason: 'SudoMissing',
    message:
      `${placeOf(machine)}: user ${session.user} is not root and cannot use sudo without a password: ` +
      `let 'sudo -n true' work for ${session.user}, or set spec.user to root`,
  });
}

function connectFailure(cause: unknown, { metadata }: RemoteMachine): HostFailure {
  if (cause instanceof HostKeyChangedError) {
    const pooled = metadata.annotations?.[annotations.pooledMachine];
    const where = pooled ? `PooledRemoteMachine ${pooled}` : `RemoteMachine ${metadata.name}`;
    const message = `${cause.message}. The pin is the annotation ${annotations.sshHostKey} of ${where}`;
    return { reason: 'HostKeyChanged', message };
  }
  if (cause instanceof AuthError) return { reason: 'SSHAuthenticationFailed', message: cause.message };
  if (cause instanceof ConnectError) return { reason: 'HostUnreachable', message: cause.message };
  throw cause;
}
