import { Secret } from '@k0smotron/api';
import { controllerRef } from '@k0smotron/core';
import { ensureOwner } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';
import { fieldManager } from '../names.ts';

/** Gives a Secret of ours its owner back (OR-1, OR-2). What we made is known by its type: a user's own has no owner (CP-15). */
export async function giveBackOwner(run: Run, secret: Secret, signal: AbortSignal): Promise<void> {
  if (secret.type !== 'cluster.x-k8s.io/secret') return;
  const owner = controllerRef(run.object);
  await ensureOwner(run.kube, { kind: Secret, object: secret, owner, fieldManager }, signal);
}
