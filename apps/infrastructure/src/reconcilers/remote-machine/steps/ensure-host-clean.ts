import { annotations, conditionTypes, PooledRemoteMachine, RemoteMachine } from '@k0smotron/api';
import { done, isDeleting, lookAgain, waitingOn, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { cleanHost } from '../../../hosts/clean-host.ts';
import { cleanUpOutcome, recordOutcome } from '../../../hosts/clean-up-outcome.ts';
import type { CleanUpRecord } from '../../../hosts/clean-up-record.ts';
import { readCleanUp } from '../../../hosts/clean-up-secret.ts';
import { hostEpoch } from '../../../hosts/host-epoch.ts';
import { explainFailure, type HostFailure } from '../../../hosts/host-failure.ts';
import type { HostReport } from '../../../hosts/host-work.ts';
import { holderOf } from '../../../hosts/pool.ts';
import { connectionId, readSshKey, type SshKey } from '../../../hosts/ssh-key.ts';
import { toolsOf, workId, type RemoteMachineScope } from '../scope.ts';

/**
 * A host that fails for this long is given up as Dirty, so that its Machine can go (IM-06). By our own monotonic clock: the time
 * of deletion is that of the API server, whose clock may be another, and we may have been away since.
 */
const patienceMs = 10 * 60_000;

/** Takes everything off the host that was put there. Without a clean-up plan nothing was ever done to it. */
export const ensureHostClean: Step<RemoteMachineScope> = {
  name: 'ensure host clean',

  async run(scope, signal) {
    const { run, remote, work, found } = scope;
    await Promise.all([work.cancel(workId(remote, 'reach')), work.cancel(workId(remote, 'bootstrap'))]);

    const outcome = await presentOutcome(scope, signal);
    if (outcome) {
      if (outcome.kind === 'dirty') found.leftDirty = outcome.why;
      return done;
    }
    const record = await readCleanUp(run.kube, remote, signal);
    if (!record) return withoutPlan(scope);
    if (!(await holdsHost(scope, signal))) return done;
    if (remote.metadata.annotations?.[annotations.forceDelete] !== undefined) {
      return giveUp(scope, `clean-up was skipped by the annotation ${annotations.forceDelete}`);
    }
    const key = await readSshKey(run.kube, remote, signal);
    if (!key) return giveUp(scope, `the SSH key Secret ${remote.spec.sshKeyRef?.name} is gone`);
    work.sessions.drop(connectionId(remote, key)); // it may be waiting in the shelf of a cancelled bootstrap
    return conclude(scope, clean(scope, record, key));
  },
};

function clean(scope: RemoteMachineScope, record: CleanUpRecord, key: SshKey): HostReport {
  const { run, remote, cluster, work } = scope;
  const clusterGoes = cluster !== undefined && isDeleting(cluster);
  const task = { ...toolsOf(scope), machine: remote, key, record, clusterGoes, epoch: hostEpoch(run, record) };
  return work.ensure({
    id: workId(remote, 'clean-up'),
    wake: run.key,
    inputs: [connectionId(remote, key), remote.metadata.generation].join(' '),
    hopes: JSON.stringify(remote.metadata.annotations ?? {}),
    explain: explainFailure,
    run: (say, signal) => cleanHost(task, say, signal),
  });
}

async function conclude(scope: RemoteMachineScope, report: HostReport): Promise<Outcome> {
  const { run, work } = scope;
  if (report.kind === 'succeeded') {
    run.report({ type: conditionTypes.cleanUpSucceeded, status: 'True', reason: 'Clean', message: '' });
    await recordOutcome(run, { kind: 'clean' });
    return done;
  }
  if (report.kind === 'running') {
    if (report.lastFailure) showFailure(scope, report.lastFailure);
    else {
      const message = `Cleaning the host: ${report.doing}`;
      run.report({ type: conditionTypes.cleanUpSucceeded, status: 'Unknown', reason: 'Running', message });
    }
    scope.found.quiet = work.isFresh(report);
    return waitingOn('the clean-up of the host');
  }
  if (run.clock.monotonicMs() - report.failingSinceMs > patienceMs) return giveUp(scope, report.failure.message);
  showFailure(scope, report.failure);
  run.event('Warning', 'CleanUpFailed', report.failure.message);
  return lookAgain(work.retryInMs(report), report.failure.message);
}

function showFailure({ run, found }: RemoteMachineScope, { reason: why, message: what }: HostFailure): void {
  const reason = why === 'ProvisionFailed' ? 'CleanUpFailed' : why;
  const message = `${what}. To delete without clean-up, set the annotation ${annotations.forceDelete}`;
  found.problem = message;
  run.report({ type: conditionTypes.cleanUpSucceeded, status: 'False', reason, message });
}

/** Before work begins it is read anew: a cache may be older than what a former process wrote. */
async function presentOutcome({ run, remote, work }: RemoteMachineScope, signal: AbortSignal) {
  const begun = work.report(workId(remote, 'clean-up')) !== undefined;
  return cleanUpOutcome((begun ? undefined : await run.kube.get(RemoteMachine, run.key, signal)) ?? remote);
}

/** Read anew, since a cache may be older than our own giving back: a host of somebody else is never touched. */
async function holdsHost({ run, remote }: RemoteMachineScope, signal: AbortSignal): Promise<boolean> {
  const name = remote.metadata.annotations?.[annotations.pooledMachine];
  if (!remote.spec.pool || !name) return true;
  const host = await run.kube.get(PooledRemoteMachine, { namespace: remote.metadata.namespace, name }, signal);
  return !host || holderOf(host) === remote.metadata.name;
}

/** Nothing was done before the plan was written; a machine that was provisioned has lost it. */
function withoutPlan({ run, remote, found }: RemoteMachineScope): Outcome {
  if (!remote.spec.providerID) return done;
  found.leftDirty = 'its clean-up plan is gone';
  run.event('Warning', 'HostLeftDirty', 'The host was not cleaned: its clean-up plan is gone');
  return done;
}

/** The machine may go; its host stays marked until somebody has looked at it. */
async function giveUp({ run, found, work, remote }: RemoteMachineScope, why: string): Promise<Outcome> {
  await work.cancel(workId(remote, 'clean-up'));
  await recordOutcome(run, { kind: 'dirty', why });
  found.leftDirty = why;
  run.event('Warning', 'HostLeftDirty', `The host was not cleaned: ${why}`);
  return done;
}
