import { PooledRemoteMachine } from '@k0smotron/api';
import { defineController } from '@k0smotron/runtime';
import { reconcilePooledRemoteMachine } from './reconcile.ts';

/** PooledRemoteMachine: shows in status what its annotations say, and keeps a host that is in use from vanishing. */
export const pooledRemoteMachineController = defineController<PooledRemoteMachine>({
  name: 'pooled-remote-machine',
  kind: PooledRemoteMachine,
  permissions: [
    {
      groups: ['infrastructure.cluster.x-k8s.io'],
      resources: ['pooledremotemachines'],
      verbs: ['get', 'list', 'watch', 'patch'],
    },
    { groups: ['infrastructure.cluster.x-k8s.io'], resources: ['pooledremotemachines/status'], verbs: ['patch'] },
    { groups: [''], resources: ['secrets'], verbs: ['get', 'patch'] },
  ],
  conditionTypes: ['Available', 'Paused'],
  reconcile: reconcilePooledRemoteMachine,
});
