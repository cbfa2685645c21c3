import { done, messageOf, TerminalError, waitingOn, type Outcome } from '@k0smotron/core';
import { parseEpoch, type JournalOptions } from '@k0smotron/provision';
import type { Step } from '@k0smotron/runtime';
import { isOursToBoot, readBootstrapData } from '../../../hosts/bootstrap-data.ts';
import { explainFailure } from '../../../hosts/host-failure.ts';
import { runOnHost } from '../../../hosts/run-on-host.ts';
import type { RemoteMachineScope } from '../scope.ts';
import { failed } from './failed.ts';
import { reportBootstrap } from './report-bootstrap.ts';

/** Named by Cluster API's contract: there when the bootstrap has succeeded (B-08). */
const sentinelPath = '/run/cluster-api/bootstrap-success.complete';

/**
 * Runs the bootstrap data on the host, as a job outside the reconcile. Whether it succeeded is the host's journal to say, so
 * a restarted process finds out by asking and nothing is run twice. `spec.providerID` is the durable mark of success.
 */
export const ensureBootstrapRan: Step<RemoteMachineScope> = {
  name: 'ensure bootstrap ran',

  async run(scope, signal) {
    const { run, remote, machine, work, found } = scope;
    if (remote.spec.providerID) return done;
    const key = found.sshKey;
    const name = machine?.spec.bootstrap?.dataSecretName;
    if (!key || !machine || !name) return waitingOn('the host and its bootstrap data');

    const { namespace, uid, generation } = remote.metadata;
    const data = await readBootstrapData(run.kube, { namespace, name }, remote, signal).catch((cause: unknown) =>
      explain(scope, cause),
    );
    if ('kind' in data) return data;
    const ours = isOursToBoot(machine);
    const journal: JournalOptions = {
      machineUid: uid,
      epoch: parseEpoch(run.epoch, run.term.acquiredAtMs),
      purpose: 'bootstrap',
      sentinel: { path: sentinelPath, required: true, create: !ours },
    };
    const report = work.ensure({
      id: `${uid}/bootstrap`,
      wake: run.key,
      inputs: [remote.spec.address, data.digest, key.digest, generation].join(' '),
      explain: explainFailure,
      run: (say, jobSignal) => runOnHost({ kube: run.kube, machine: remote, key, plan: data.plan, journal }, say, jobSignal),
    });
    if (report.kind === 'succeeded') return done;
    if (report.kind === 'failed') return failed(scope, 'BootstrapExecSucceeded', report);
    reportBootstrap(scope, 'Running', `Bootstrap is running: ${report.doing}`);
    return waitingOn('the bootstrap of the host');
  },
};

/** Data that cannot be executed is the user's to change; data that is not there yet is waited for. */
function explain(scope: RemoteMachineScope, cause: unknown): Outcome {
  const message = messageOf(cause);
  reportBootstrap(scope, cause instanceof TerminalError ? cause.reason : 'BootstrapDataUnreadable', message);
  throw cause;
}
