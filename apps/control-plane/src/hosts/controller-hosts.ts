import { annotations, PooledRemoteMachine, type RemoteMachine, Secret } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import { connectSsh, type HostSession } from '@k0smotron/ssh';

/** Why a host's SSH cannot be used for looking; said in conditions. */
export class HostNotReadableError extends Error {
  override readonly name = 'HostNotReadableError';
}

interface OpenSession {
  readonly session: Promise<HostSession>;
  readonly inputs: string;
}

const connectTimeoutMs = 8000;

/**
 * SSH sessions to controllers, for looking at etcd and API server where they listen: on the host itself (SR-6). Sessions
 * are kept between runs, so that a look costs a channel and not a handshake. Never trusts on first use: the pin is the
 * infrastructure provider's to make (SR-1).
 */
export class ControllerHosts {
  readonly #sessions = new Map<string, OpenSession>();

  /**
   * The session to a machine's host.
   *
   * @throws HostNotReadableError while there is no address, key or pin; what `connectSsh` throws.
   */
  async session(kube: KubeClient, remote: RemoteMachine, signal: AbortSignal): Promise<HostSession> {
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
    const key = secret?.data?.['value'];
    if (key === undefined) throw new HostNotReadableError(`Secret ${sshKeyRef.name} with key 'value' is not there`);
    const session = connectSsh({
      host: address,
      port: port ?? 22,
      user: user ?? 'root',
      privateKey: Buffer.from(key, 'base64'),
      hostKeySha256: pin,
      readyTimeoutMs: connectTimeoutMs,
    });
    this.#sessions.set(uid, { session, inputs });
    session.catch(() => this.#sessions.delete(uid));
    return session;
  }

  /** Ends a session, after it failed or when its machine goes. */
  async forget(uid: string): Promise<void> {
    const open = this.#sessions.get(uid);
    this.#sessions.delete(uid);
    (await open?.session.catch(() => undefined))?.close();
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
