import { JoinTokenRequest, K0smotronCluster } from '@k0smotron/api';
import { keyOf } from '@k0smotron/core';
import { defineController, watch } from '@k0smotron/runtime';
import { reconcileJoinTokenRequest } from './reconcile.ts';
import { byRequestedCluster, requestedCluster, type JoinTokenRequestDependencies } from './scope.ts';

/** JoinTokenRequest: a token for a machine that joins a hosted plane (behaviour §10). */
export const joinTokenRequestController = (dependencies: JoinTokenRequestDependencies) =>
  defineController<JoinTokenRequest>({
    name: 'join-token-request',
    kind: JoinTokenRequest,
    indexes: { [byRequestedCluster]: requestedCluster },
    watches: [
      watch(K0smotronCluster, ({ metadata }, caches) =>
        caches
          .of(JoinTokenRequest)
          .byIndex(byRequestedCluster, keyOf(metadata))
          .map((request) => request.metadata),
      ),
    ],
    permissions: [
      { groups: ['k0smotron.io'], resources: ['jointokenrequests'], verbs: ['get', 'list', 'watch', 'patch'] },
      { groups: ['k0smotron.io'], resources: ['jointokenrequests/status'], verbs: ['patch'] },
      // blockOwnerDeletion on the Secret needs it where that admission plugin runs.
      { groups: ['k0smotron.io'], resources: ['jointokenrequests/finalizers'], verbs: ['update'] },
      { groups: ['k0smotron.io'], resources: ['clusters'], verbs: ['list', 'watch'] },
      { groups: [''], resources: ['secrets'], verbs: ['get', 'create'] },
    ],
    conditionTypes: ['JoinTokenSecretCreated', 'Paused'],
    failureCondition: 'JoinTokenSecretCreated',
    reconcile: (run, signal) => reconcileJoinTokenRequest(run, dependencies, signal),
  });
