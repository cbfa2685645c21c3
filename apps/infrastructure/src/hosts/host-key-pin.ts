import { annotations, PooledRemoteMachine, RemoteMachine } from '@k0smotron/api';
import { ConflictError, type KubeClient } from '@k0smotron/kube';
import { fieldManager } from '../names.ts';

/** What a pin is kept on. */
export type Holder = RemoteMachine | PooledRemoteMachine;

/** Where the pin of a machine is kept: on the pool's host where there is one, since a host outlives its machines (SR-1). */
const holderOfPin = ({ metadata }: RemoteMachine) => {
  const { namespace, name } = metadata;
  const pooled = metadata.annotations?.[annotations.pooledMachine];
  return pooled
    ? ({ kind: PooledRemoteMachine as never, key: { namespace, name: pooled } } as const)
    : ({ kind: RemoteMachine as never, key: { namespace, name } } as const);
};

/** The pin on an object as we know it. */
export const pinOn = (object: Holder | undefined): string | undefined =>
  object?.metadata.annotations?.[annotations.sshHostKey];

/** The object that holds the pin, read anew: a cached one may be older than the pin that we wrote ourselves. */
export const readHolder = (
  kube: KubeClient,
  machine: RemoteMachine,
  signal: AbortSignal,
): Promise<Holder | undefined> => {
  const { kind, key } = holderOfPin(machine);
  return kube.get<Holder>(kind, key, signal);
};

/**
 * Pins the key seen on first use, before anything is done on the host, and gives the pin that is in force. One that is
 * there already is never replaced: of two that connect at once the first wins.
 *
 * @param holder as read before the connection was made
 */
export async function pinHostKey(
  kube: KubeClient,
  machine: RemoteMachine,
  { seen, holder }: { readonly seen: string; readonly holder: Holder | undefined },
  signal: AbortSignal,
): Promise<string> {
  const { kind, key } = holderOfPin(machine);
  for (let object = holder; ; object = await readHolder(kube, machine, signal)) {
    const pin = pinOn(object);
    if (!object || pin) return pin ?? seen; // gone: there is nothing left to protect
    const { uid, resourceVersion } = object.metadata;
    const body = { metadata: { uid, resourceVersion, annotations: { [annotations.sshHostKey]: seen } } };
    try {
      await kube.patch<Holder>(kind, key, { type: 'merge', body }, { fieldManager }, signal);
      return seen;
    } catch (cause) {
      if (!(cause instanceof ConflictError)) throw cause;
    }
  }
}
