import { annotations, PooledRemoteMachine, RemoteMachine } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import { fieldManager } from '../names.ts';

const pooledKey = ({ metadata }: RemoteMachine) => {
  const name = metadata.annotations?.[annotations.pooledMachine];
  return name ? { namespace: metadata.namespace, name } : undefined;
};

/** The pinned host key: on the pool's host where there is one, since a host outlives its machines (SR-1). */
export async function hostKeyPin(kube: KubeClient, machine: RemoteMachine, signal: AbortSignal): Promise<string | undefined> {
  const pooled = pooledKey(machine);
  if (!pooled) return machine.metadata.annotations?.[annotations.sshHostKey];
  return (await kube.get(PooledRemoteMachine, pooled, signal))?.metadata.annotations?.[annotations.sshHostKey];
}

/** Pins the key seen on first use, before anything is done on the host. A pin that is there is never replaced here. */
export async function pinHostKey(kube: KubeClient, machine: RemoteMachine, seen: string, signal: AbortSignal): Promise<void> {
  const { namespace, name } = machine.metadata;
  const pooled = pooledKey(machine);
  const kind = pooled ? PooledRemoteMachine : RemoteMachine;
  const key = pooled ?? { namespace, name };
  const body = { metadata: { annotations: { [annotations.sshHostKey]: seen } } };
  await kube.patch<PooledRemoteMachine | RemoteMachine>(kind as never, key, { type: 'merge', body }, { fieldManager }, signal);
}
