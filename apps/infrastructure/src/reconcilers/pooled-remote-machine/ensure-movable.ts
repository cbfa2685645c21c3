import { labels, PooledRemoteMachine, Secret } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';
import { fieldManager } from '../../names.ts';

const label = { labels: { [labels.move]: '' } };

/**
 * Lets `clusterctl move` take a host along with its SSH Secret, although no Cluster owns them (SR-1). The label on the host
 * says that the Secret has it too; a Secret that does not exist yet is looked for again at the next resync.
 */
export async function ensureMovable(
  { object, key, kube }: Run<PooledRemoteMachine>,
  signal: AbortSignal,
): Promise<void> {
  if (object.metadata.labels?.[labels.move] !== undefined) return;
  const secretKey = { namespace: key.namespace, name: object.spec.machine.sshKeyRef.name };
  if (!(await labelSecret(kube, secretKey, signal))) return;
  const body = { metadata: { uid: object.metadata.uid, ...label } };
  await kube.patch(PooledRemoteMachine, key, { type: 'merge', body }, { fieldManager }, signal);
}

async function labelSecret(
  kube: KubeClient,
  key: { readonly namespace?: string; readonly name: string },
  signal: AbortSignal,
): Promise<boolean> {
  const secret = await kube.get(Secret, key, signal);
  if (!secret) return false;
  if (secret.metadata.labels?.[labels.move] !== undefined) return true;
  const body = { metadata: { uid: secret.metadata.uid, ...label } };
  await kube.patch(Secret, key, { type: 'merge', body }, { fieldManager }, signal);
  return true;
}
