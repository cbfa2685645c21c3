import { conditionTypes } from '@k0smotron/api';
import { done, waitingOn, type Outcome } from '@k0smotron/core';
import { bootsOurData } from '@k0smotron/node-identity';
import type { JournalOptions } from '@k0smotron/provision';
import type { Step } from '@k0smotron/runtime';
import { hostEpoch } from '../../../hosts/host-epoch.ts';
import { explainFailure } from '../../../hosts/host-failure.ts';
import type { HostReport } from '../../../hosts/host-work.ts';
import { runOnHost } from '../../../hosts/run-on-host.ts';
import { isBooted, toolsOf, workId, type RemoteMachineScope } from '../scope.ts';
import { failed, showFailure } from './failed.ts';
import { reportBootstrap } from './report-bootstrap.ts';

/** Named by Cluster API's contract: there when the bootstrap has succeeded (B-08). */
const sentinelPath = '/run/cluster-api/bootstrap-success.complete';

/**
 * Runs the bootstrap data on the host, as a job outside the reconcile. Whether it succeeded is the host's journal to say, so
 * a restarted process finds out by asking and nothing is run twice. `spec.providerID` is the durable mark of success.
 */
export const ensureBootstrapRan: Step<RemoteMachineScope> = {
  name: 'ensure bootstrap ran',

  async run(scope) {
    const { remote, work } = scope;
    if (remote.spec.providerID) return done;
    const present = work.report(workId(remote, 'bootstrap'));
    const report = isBooted(scope) ? present : start(scope);
    if (!report) return waitingOn('the host and its bootstrap data');
    if (report.kind === 'succeeded') return done;
    if (report.kind === 'failed') return failed(scope, conditionTypes.bootstrapExecSucceeded, report);
    return running(scope, report);
  },
};

function start(scope: RemoteMachineScope): HostReport | undefined {
  const { run, remote, machine, work, found } = scope;
  const { sshKey: key, data, record } = found;
  if (!key || !machine || !data || !record) return undefined;
  const journal: JournalOptions = {
    machineUid: record.journal,
    epoch: hostEpoch(run, record),
    purpose: 'bootstrap',
    // The commands of our own data write the sentinel themselves.
    sentinel: { path: sentinelPath, required: true, create: !bootsOurData(machine) },
  };
  const task = { ...toolsOf(scope), machine: remote, key, plan: data.plan, journal };
  return work.ensure({
    id: workId(remote, 'bootstrap'),
    wake: run.key,
    inputs: [remote.spec.address, data.digest, key.digest, remote.metadata.generation].join(' '),
    explain: explainFailure,
    run: (say, signal) => runOnHost(task, say, signal),
  });
}

/** Which step runs is said in one condition only; a failure is shown until the next try has done better. */
function running(scope: RemoteMachineScope, report: Extract<HostReport, { kind: 'running' }>): Outcome {
  const { doing, lastFailure } = report;
  if (lastFailure) showFailure(scope, conditionTypes.bootstrapExecSucceeded, lastFailure);
  else reportBootstrap(scope, 'Running', `Bootstrap is running: ${doing}`, 'Bootstrap is running');
  scope.found.quiet = scope.work.isFresh(report);
  return waitingOn('the bootstrap of the host');
}
