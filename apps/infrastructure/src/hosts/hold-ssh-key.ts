import { labels, type RemoteMachine, Secret } from '@k0smotron/api';
import { ConflictError, type KubeClient } from '@k0smotron/kube';
import { fieldManager, sshKeyFinalizer, sshKeyLabel } from '../names.ts';

/**
 * Holds the SSH Secret of a machine until its clean-up has ended, and marks it for our informer and for `clusterctl move`
 * (SR-1, SR-18). A strategic patch adds to the list on the server: forty machines that share a key do not conflict.
 */
export async function holdSshKey(
  kube: KubeClient,
  machine: RemoteMachine,
  secret: Secret,
  signal: AbortSignal,
): Promise<void> {
  const finalizer = sshKeyFinalizer(machine.metadata.name);
  const { name, namespace, uid, deletionTimestamp, finalizers = [], labels: worn = {} } = secret.metadata;
  const held = finalizers.includes(finalizer) || deletionTimestamp !== undefined; // no finalizer can be added any more
  if (held && worn[sshKeyLabel] !== undefined) return;
  const metadata = {
    uid,
    ...(held ? {} : { finalizers: [finalizer] }),
    labels: { [sshKeyLabel]: '', [labels.move]: '' },
  };
  await kube.patch(Secret, { namespace, name }, { type: 'strategic', body: { metadata } }, { fieldManager }, signal);
}

/** Lets the SSH Secret of a machine go. Does nothing if it is gone, or was never held. */
export async function releaseSshKey(
  kube: KubeClient,
  { metadata, spec }: RemoteMachine,
  signal: AbortSignal,
): Promise<void> {
  const name = spec.sshKeyRef?.name;
  if (name) await dropFinalizer(kube, { namespace: metadata.namespace, name }, sshKeyFinalizer(metadata.name), signal);
}

/** Takes one finalizer off a Secret, leaving all others; as often as others who do the same are faster. */
export async function dropFinalizer(
  kube: KubeClient,
  key: { readonly namespace?: string; readonly name: string },
  finalizer: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const secret = await kube.get(Secret, key, signal);
    if (!secret?.metadata.finalizers?.includes(finalizer)) return;
    const { uid, resourceVersion, finalizers } = secret.metadata;
    const body = { metadata: { uid, resourceVersion, finalizers: finalizers.filter((it) => it !== finalizer) } };
    try {
      await kube.patch(Secret, key, { type: 'merge', body }, { fieldManager }, signal);
      return;
    } catch (cause) {
      if (!(cause instanceof ConflictError)) throw cause;
    }
  }
}
