import { done } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { readBootstrapData, type BootstrapData } from '../../../hosts/bootstrap-data.ts';
import { cleanUpRecord } from '../../../hosts/clean-up-record.ts';
import { createCleanUp, ownCleanUp } from '../../../hosts/clean-up-secret.ts';
import { holdSshKey } from '../../../hosts/hold-ssh-key.ts';
import { readSshKey } from '../../../hosts/ssh-key.ts';
import type { RemoteMachineScope } from '../scope.ts';

/**
 * Writes down how the host will be cleaned, before anything is done to it (SR-1). Made once; it never needs to change. Also
 * for machines that another version provisioned, as long as their bootstrap data is there to tell what was done.
 */
export const ensureCleanUpPlan: Step<RemoteMachineScope> = {
  name: 'ensure clean-up plan',

  async run(scope, signal) {
    const { run, remote, found, prepared } = scope;
    const uid = remote.metadata.uid ?? '';
    if (remote.spec.providerID ? prepared.has(uid) : !found.data) return done;

    // On the first pass there is nothing to be read yet, as a rule; what is there already stays (`createCleanUp`).
    const known = remote.spec.providerID !== undefined || prepared.has(uid);
    const record = known ? await ownCleanUp(run.kube, remote, signal) : undefined;
    found.record = record ?? (await write(scope, signal));
    if (remote.spec.providerID) {
      const key = await readSshKey(run.kube, remote, signal);
      if (key) await holdSshKey(run.kube, remote, key.secret, signal);
    }
    prepared.add(uid);
    return done;
  },
};

async function write(scope: RemoteMachineScope, signal: AbortSignal) {
  const { run, remote, found } = scope;
  const data = found.data ?? (await dataOfProvisioned(scope, signal));
  return data && createCleanUp(run.kube, remote, cleanUpRecord(data.plan, remote), signal);
}

/** Whatever is wrong with old data, it has been run: then the plan is missing and deletion says so. */
async function dataOfProvisioned(
  { run, remote, machine }: RemoteMachineScope,
  signal: AbortSignal,
): Promise<BootstrapData | undefined> {
  const name = machine?.spec.bootstrap?.dataSecretName;
  if (!name) return undefined;
  const key = { namespace: remote.metadata.namespace, name };
  return readBootstrapData(run.kube, key, remote, signal).catch(() => {
    signal.throwIfAborted();
    return undefined;
  });
}
