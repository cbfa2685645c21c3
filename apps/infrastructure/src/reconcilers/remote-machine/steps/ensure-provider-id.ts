import { RemoteMachine } from '@k0smotron/api';
import { done, waitingOn } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { machineProvisioned, factObject } from '@k0smotron/events';
import { fieldManager } from '../../../names.ts';
import type { RemoteMachineScope } from '../scope.ts';

/** The identity that core matches Nodes by (IM-03); the same text as the original's. */
const providerIdOf = ({ address, port }: RemoteMachine['spec']): string => `remote-machine://${address}:${port ?? 22}`;

/** Writes the provider id, the durable mark that the bootstrap ran, and the status that both contracts read. */
export const ensureProviderId: Step<RemoteMachineScope> = {
  name: 'ensure provider id',

  async run({ run, remote, bus, found }, signal) {
    const providerID = remote.spec.providerID ?? providerIdOf(remote.spec);
    if (!remote.spec.providerID) {
      const stored = await run.kube.patch(
        RemoteMachine,
        run.key,
        { type: 'merge', body: { metadata: { uid: remote.metadata.uid }, spec: { providerID } } },
        { fieldManager },
        signal,
      );
      run.expectWritten(stored);
      found.quiet = true; // the status belongs to the generation that this write made, and its event wakes us
      return waitingOn('the provider id in the RemoteMachine');
    }
    const firstTime = run.status.initialization === undefined;
    const address = remote.spec.address ?? '';
    run.status.initialization = { provisioned: true };
    run.status.addresses = [{ type: 'ExternalIP', address }];
    run.report({
      type: 'BootstrapExecSucceeded',
      status: 'True',
      reason: 'BootstrapExecSucceeded',
      message: '',
    });
    if (firstTime) run.event('Normal', 'Provisioned', `Bootstrap finished on ${address}`);
    // Each time: who told it first may have died before NATS had it (SR-8). The bus drops what it knows.
    await bus.publish(machineProvisioned(factObject(remote), { address, providerID }, run.clock.now()));
    return done;
  },
};
