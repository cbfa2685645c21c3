import { annotations, conditionTypes, PooledRemoteMachine } from '@k0smotron/api';
import { done, lookAgain, waitingOn, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { holdSshKey } from '../../../hosts/hold-ssh-key.ts';
import { explainFailure } from '../../../hosts/host-failure.ts';
import type { HostReport } from '../../../hosts/host-work.ts';
import { pinOn } from '../../../hosts/host-key-pin.ts';
import { openHost } from '../../../hosts/open-host.ts';
import { connectionId, readSshKey, type SshKey } from '../../../hosts/ssh-key.ts';
import { isBooted, workId, type RemoteMachineScope } from '../scope.ts';
import { failed, showFailure } from './failed.ts';

/**
 * Looks at the host as soon as it is known, while others still make the bootstrap data: its key is pinned, and a wrong key,
 * user or address is told early. Holds the SSH Secret from now on, since clean-up will need it (SR-1).
 */
export const ensureHostReached: Step<RemoteMachineScope> = {
  name: 'ensure host reached',

  async run(scope, signal) {
    const { run, remote, work, found } = scope;
    // A fast bootstrap may have ended before anybody wrote down that the host was reached: its end proves it.
    if (remote.spec.providerID) return reached(scope);
    if (isBooted(scope)) return reached(scope);
    const present = work.report(workId(remote, 'reach'));
    if (present?.kind === 'running') return connecting(scope, present);
    const key = await readSshKey(run.kube, remote, signal);
    if (!key) return missingKey(scope);
    await holdSshKey(run.kube, remote, key.secret, signal);
    const report = look(scope, key);
    if (report.kind === 'failed') return failed(scope, conditionTypes.hostReachable, report);
    if (report.kind === 'running') return connecting(scope, report);
    found.sshKey = key;
    return reached(scope);
  },
};

function look({ run, remote, work }: RemoteMachineScope, key: SshKey) {
  const pooled = remote.metadata.annotations?.[annotations.pooledMachine];
  const { namespace } = remote.metadata;
  const pinned = pooled ? run.caches.of(PooledRemoteMachine).get({ namespace, name: pooled }) : remote;
  return work.ensure({
    id: workId(remote, 'reach'),
    wake: run.key,
    inputs: [connectionId(remote, key), remote.metadata.generation].join(' '),
    hopes: pinOn(pinned) ?? '', // a key that changed is pinned anew by the user
    explain: explainFailure,
    run: async (_say, signal) => {
      work.sessions.keep(connectionId(remote, key), await openHost(run.kube, remote, key, signal));
    },
  });
}

function reached({ run }: RemoteMachineScope): Outcome {
  run.report({ type: conditionTypes.hostReachable, status: 'True', reason: 'Reachable', message: '' });
  return done;
}

function connecting(scope: RemoteMachineScope, report: Extract<HostReport, { kind: 'running' }>): Outcome {
  const { run, remote, work, found } = scope;
  if (report.lastFailure) showFailure(scope, conditionTypes.hostReachable, report.lastFailure);
  else {
    const message = `Connecting to ${remote.spec.address}`;
    found.problem = message;
    run.report({ type: conditionTypes.hostReachable, status: 'Unknown', reason: 'Connecting', message });
  }
  found.quiet = work.isFresh(report);
  return waitingOn('the first connection to the host');
}

function missingKey({ run, remote, found }: RemoteMachineScope): Outcome {
  const message = `Secret ${remote.spec.sshKeyRef?.name} with the private key under 'value' is not there: create it`;
  found.problem = message;
  run.report({ type: conditionTypes.hostReachable, status: 'False', reason: 'SSHKeyMissing', message });
  return lookAgain(5000, message); // a Secret without our label cannot be watched (SR-18)
}
