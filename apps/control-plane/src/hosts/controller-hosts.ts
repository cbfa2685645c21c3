import { annotations, PooledRemoteMachine, type RemoteMachine, Secret } from '@k0smotron/api';
import type { Logger, ObjectKey } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';
import { connectSsh, type HostSession } from '@k0smotron/ssh';
import { Lines } from './lines.ts';

/** Why a host's SSH cannot be used for looking; said in conditions. */
export class HostNotReadableError extends Error {
  override readonly name = 'HostNotReadableError';
}

interface OpenSession {
  readonly session: Promise<HostSession>;
  readonly inputs: string;
  /** The control plane that opened it. */
  readonly key: ObjectKey;
}

/** In whose run a session is opened. */
export type Opener = Pick<Run, 'kube' | 'key'>;

const connectTimeoutMs = 8000;
/** For an sshd that hangs; TCP notices a host that is gone. Each question costs 0.7 ms, and there are many hosts. */
const keepaliveMs = 60_000;

/**
 * SSH sessions to controllers, for looking at etcd and API server where they listen: on the host itself (SR-6). Sessions
 * are kept between runs, so that a look costs a channel and not a handshake, and so that a host that goes away is noticed by
 * its connection. Never trusts on first use: the pin is the infrastructure provider's to make (SR-1).
 */
export class ControllerHosts {
  /** What is kept open through the sessions; a line that ended wakes the control plane. */
  readonly lines: Lines;
  readonly #sessions = new Map<string, OpenSession>();
  #enqueue: (key: ObjectKey) => void = () => undefined;

  constructor(log?: Logger) {
    this.lines = new Lines({ log, lost: (uid) => this.#wakeOpenerOf(uid) });
  }

  /** The key source of the controller that looks. */
  readonly source = (enqueue: (key: ObjectKey) => void): (() => void) => {
    this.#enqueue = enqueue;
    return () => (this.#enqueue = () => undefined);
  };

  /** Lets a control plane be looked at again. */
  wake(key: ObjectKey): void {
    this.#enqueue(key);
  }

  /** Whether a session to this machine's host is open, or being opened. */
  isOpen(uid: string): boolean {
    return this.#sessions.has(uid);
  }

  /**
   * The session to a machine's host.
   *
   * @throws HostNotReadableError while there is no address, key or pin; what `connectSsh` throws.
   */
  async session({ kube, key }: Opener, remote: RemoteMachine, signal: AbortSignal): Promise<HostSession> {
    const { uid, namespace } = remote.metadata;
    const { address, port, user, sshKeyRef } = remote.spec;
    if (!address || !sshKeyRef) throw new HostNotReadableError(`RemoteMachine ${remote.metadata.name} has no host yet`);
    const inputs = [address, port, user, sshKeyRef.name, remote.metadata.annotations?.[annotations.sshHostKey]].join(
      ' ',
    );
    const open = this.#sessions.get(uid);
    // The pin of a pool's host was held against when this session was opened: it is asked for with the next one.
    if (open?.inputs === inputs) return open.session;
    void this.forget(uid);
    const pin = await hostKeyPin(kube, remote, signal);
    if (!pin) throw new HostNotReadableError(`The host key of ${address} is not pinned yet`);

    const secret = await kube.get(Secret, { namespace, name: sshKeyRef.name }, signal);
    const privateKey = secret?.data?.['value'];
    if (privateKey === undefined)
      throw new HostNotReadableError(`Secret ${sshKeyRef.name} with key 'value' is not there`);
    const session = connectSsh({
      host: address,
      port: port ?? 22,
      user: user ?? 'root',
      privateKey: Buffer.from(privateKey, 'base64'),
      hostKeySha256: pin,
      readyTimeoutMs: connectTimeoutMs,
      keepaliveMs,
    });
    this.#sessions.set(uid, { session, inputs, key });
    session.then(
      (opened) => opened.closed.then(() => this.#lost(uid, session)),
      () => this.#sessions.delete(uid),
    );
    return session;
  }

  /** Ends a session, after it failed or when its machine goes. */
  async forget(uid: string): Promise<void> {
    const open = this.#sessions.get(uid);
    this.#sessions.delete(uid);
    this.lines.forget(uid);
    (await open?.session.catch(() => undefined))?.close();
  }

  /** One that we ended ourselves is not in the table any more. */
  #lost(uid: string, session: Promise<HostSession>): void {
    if (this.#sessions.get(uid)?.session !== session) return;
    this.#wakeOpenerOf(uid);
    this.#sessions.delete(uid);
    this.lines.forget(uid);
  }

  #wakeOpenerOf(uid: string): void {
    const opener = this.#sessions.get(uid)?.key;
    if (opener) this.wake(opener);
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((uid) => this.forget(uid)));
  }
}

/** The pin is on the pool's host where there is one, since a host outlives its machines (SR-1). */
async function hostKeyPin(
  kube: KubeClient,
  { metadata }: RemoteMachine,
  signal: AbortSignal,
): Promise<string | undefined> {
  const pooled = metadata.annotations?.[annotations.pooledMachine];
  if (!pooled) return metadata.annotations?.[annotations.sshHostKey];
  const host = await kube.get(PooledRemoteMachine, { namespace: metadata.namespace, name: pooled }, signal);
  return host?.metadata.annotations?.[annotations.sshHostKey];
}
