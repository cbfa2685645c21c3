import { annotations, conditionTypes, Secret } from '@k0smotron/api';
import { done, lookAgain, waitingOn, type Outcome } from '@k0smotron/core';
import { parseEpoch } from '@k0smotron/provision';
import type { Step } from '@k0smotron/runtime';
import { cleanHost } from '../../../hosts/clean-host.ts';
import type { CleanUpRecord } from '../../../hosts/clean-up-record.ts';
import { explainFailure } from '../../../hosts/host-failure.ts';
import type { HostReport } from '../../../hosts/host-work.ts';
import { readSshKey, type SshKey } from '../../../hosts/ssh-key.ts';
import { cleanUpSecretName } from '../../../names.ts';
import type { RemoteMachineScope } from '../scope.ts';

/** A host that does not come back within this time is given up as Dirty, so that its Machine can go (IM-06). */
const patienceMs = 10 * 60_000;

/** Takes everything off the host that was put there. Without a clean-up plan nothing was ever done to it. */
export const ensureHostClean: Step<RemoteMachineScope> = {
  name: 'ensure host clean',

  async run(scope, signal) {
    const { run, remote, work } = scope;
    const { uid } = remote.metadata;
    await Promise.all([work.cancel(`${uid}/reach`), work.cancel(`${uid}/bootstrap`)]);

    const record = await readRecord(scope, signal);
    if (!record) return done;
    if (remote.metadata.annotations?.[annotations.forceDelete] !== undefined) {
      return giveUp(scope, `clean-up was skipped by the annotation ${annotations.forceDelete}`);
    }
    const key = await readSshKey(run.kube, remote, signal);
    if (!key) return giveUp(scope, `the SSH key Secret ${remote.spec.sshKeyRef?.name} is gone`);
    const report = clean(scope, record, key);
    if (report.kind === 'succeeded') {
      run.report({ type: conditionTypes.cleanUpSucceeded, status: 'True', reason: 'Clean', message: '' });
      return done;
    }
    if (report.kind === 'failed') return retryOrGiveUp(scope, report);
    scope.found.problem = `Cleaning the host: ${report.doing}`;
    run.report({ type: conditionTypes.cleanUpSucceeded, status: 'Unknown', reason: 'Running', message: scope.found.problem });
    return waitingOn('the clean-up of the host');
  },
};

function clean({ run, remote, work }: RemoteMachineScope, record: CleanUpRecord, key: SshKey): HostReport {
  const { uid } = remote.metadata;
  const epoch = parseEpoch(run.epoch, run.term.acquiredAtMs);
  return work.ensure({
    id: `${uid}/clean-up`,
    wake: run.key,
    inputs: [remote.spec.address, key.digest].join(' '),
    explain: explainFailure,
    run: (say, signal) => cleanHost({ kube: run.kube, machine: remote, key, record, epoch }, say, signal),
  });
}

async function readRecord({ run, remote }: RemoteMachineScope, signal: AbortSignal): Promise<CleanUpRecord | undefined> {
  const name = cleanUpSecretName(remote.metadata.name);
  const secret = await run.kube.get(Secret, { namespace: remote.metadata.namespace, name }, signal);
  const record = secret?.data?.['record'];
  return record === undefined ? undefined : (JSON.parse(Buffer.from(record, 'base64').toString('utf8')) as CleanUpRecord);
}

function retryOrGiveUp(scope: RemoteMachineScope, report: Extract<HostReport, { kind: 'failed' }>): Outcome {
  const { run, remote, work, found } = scope;
  const { reason, message } = report.failure;
  const asked = Date.parse(remote.metadata.deletionTimestamp ?? '');
  if (run.clock.now().getTime() - asked > patienceMs) return giveUp(scope, message);
  found.problem = `${message}. To delete without clean-up, set the annotation ${annotations.forceDelete}`;
  run.report({ type: conditionTypes.cleanUpSucceeded, status: 'False', reason, message: found.problem });
  run.event('Warning', 'CleanUpFailed', message);
  return lookAgain(work.retryInMs(report), message);
}

/** The machine may go; its host stays marked until somebody has looked at it. */
function giveUp({ run, found }: RemoteMachineScope, why: string): Outcome {
  found.leftDirty = why;
  run.event('Warning', 'HostLeftDirty', `The host was not cleaned: ${why}`);
  return done;
}
