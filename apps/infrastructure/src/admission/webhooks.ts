import {
  PooledRemoteMachine,
  RemoteCluster,
  RemoteClusterTemplate,
  RemoteMachine,
  RemoteMachineTemplate,
} from '@k0smotron/api';
import { validatingWebhook, type ValidatingWebhook } from '@k0smotron/runtime';
import { checkRemoteCluster, checkRemoteClusterTemplate } from './check-clusters.ts';
import { checkPooledRemoteMachine, checkRemoteMachine, checkRemoteMachineTemplate } from './check-machines.ts';

/** Every admission webhook of the infrastructure provider; the registrations are generated from this list. */
export const admission: readonly ValidatingWebhook[] = [
  validatingWebhook({ kind: RemoteMachine, checks: [checkRemoteMachine] }),
  validatingWebhook({ kind: RemoteMachineTemplate, checks: [checkRemoteMachineTemplate] }),
  validatingWebhook({ kind: PooledRemoteMachine, checks: [checkPooledRemoteMachine] }),
  validatingWebhook({ kind: RemoteCluster, checks: [checkRemoteCluster] }),
  validatingWebhook({ kind: RemoteClusterTemplate, checks: [checkRemoteClusterTemplate] }),
];
