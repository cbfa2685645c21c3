import { conditionTypes } from '@k0smotron/api';
import { done, waitingOn, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import type { RemoteMachineScope } from '../scope.ts';
import { reportBootstrap } from './report-bootstrap.ts';

/** What is stored faithfully but cannot be done yet says so, instead of hanging silently (SR-6). */
export const observeSupport: Step<RemoteMachineScope> = {
  name: 'observe support',
  run: (scope) => Promise.resolve(observe(scope)),
};

const explanation =
  'spec.provisionJob is not supported yet: remove it and set spec.address and spec.sshKeyRef (or spec.pool), ' +
  'so that the machine is provisioned over the built-in SSH connection';

function observe(scope: RemoteMachineScope): Outcome {
  const { run, remote } = scope;
  if (remote.spec.provisionJob && !remote.spec.providerID) {
    run.report({ type: conditionTypes.notSupported, status: 'True', reason: 'ProvisionJob', message: explanation });
    reportBootstrap(scope, conditionTypes.notSupported, explanation);
    return waitingOn('a change of spec.provisionJob');
  }
  const said = remote.status?.conditions?.some(({ type }) => type === conditionTypes.notSupported);
  if (said) run.report({ type: conditionTypes.notSupported, status: 'False', reason: 'Supported', message: '' });
  return done;
}
