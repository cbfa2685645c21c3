import { Secret } from '@k0smotron/api';
import { done, lookAgain, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { explainFailure } from '../../../hosts/host-failure.ts';
import { openHost } from '../../../hosts/open-host.ts';
import { readSshKey } from '../../../hosts/ssh-key.ts';
import { fieldManager, moveLabel, sshKeyFinalizer, sshKeyLabel } from '../../../names.ts';
import type { RemoteMachineScope } from '../scope.ts';
import { failed } from './failed.ts';

/**
 * Looks at the host as soon as it is known, while others still make the bootstrap data: its key is pinned, and a wrong key,
 * user or address is told early. Holds the SSH Secret from now on, since clean-up will need it (SR-1).
 */
export const ensureHostReached: Step<RemoteMachineScope> = {
  name: 'ensure host reached',

  async run(scope, signal) {
    const { run, remote, work, found } = scope;
    if (remote.spec.providerID || remote.spec.provisionJob) return done;
    const key = await readSshKey(run.kube, remote, signal);
    if (!key) {
      const name = remote.spec.sshKeyRef?.name;
      return missingKey(scope, `Secret ${name} with the private key under 'value' is not there: create it`);
    }
    await holdSecret(scope, key.secret, signal);
    const { address, port, user } = remote.spec;
    const report = work.ensure({
      id: `${remote.metadata.uid}/reach`,
      wake: run.key,
      inputs: [address, port, user, key.digest, remote.metadata.generation].join(' '),
      explain: explainFailure,
      run: async (_say, jobSignal) => {
        (await openHost(run.kube, remote, key, jobSignal)).session.close();
      },
    });
    if (report.kind === 'failed') return failed(scope, 'HostReachable', report);
    if (report.kind === 'running') {
      found.problem = `Connecting to ${address}`;
      run.report({ type: 'HostReachable', status: 'Unknown', reason: 'Connecting', message: found.problem });
      return { kind: 'waiting', on: 'the first connection to the host' };
    }
    found.sshKey = key;
    run.report({ type: 'HostReachable', status: 'True', reason: 'Reachable', message: '' });
    return done;
  },
};

function missingKey({ run, found }: RemoteMachineScope, message: string): Outcome {
  found.problem = message;
  run.report({ type: 'HostReachable', status: 'False', reason: 'SSHKeyMissing', message });
  return lookAgain(5000, message); // a Secret without our label cannot be watched (SR-18)
}

async function holdSecret({ run, remote }: RemoteMachineScope, secret: Secret, signal: AbortSignal): Promise<void> {
  const finalizer = sshKeyFinalizer(remote.metadata.uid);
  const { name, namespace, uid, resourceVersion, finalizers = [], labels = {} } = secret.metadata;
  if (finalizers.includes(finalizer) && labels[sshKeyLabel] !== undefined) return;
  const metadata = {
    uid,
    resourceVersion,
    finalizers: [...new Set([...finalizers, finalizer])],
    labels: { [sshKeyLabel]: '', [moveLabel]: '' },
  };
  await run.kube.patch(Secret, { namespace, name }, { type: 'merge', body: { metadata } }, { fieldManager }, signal);
}

