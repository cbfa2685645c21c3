import type { Permission } from './controller.ts';

/**
 * What every service needs besides what its controllers declare. `namespaced` belongs into a Role of the service's own
 * namespace (its Lease), `cluster` where its objects live; `reconciling` too, where there are controllers.
 */
export const runtimePermissions: {
  readonly namespaced: readonly Permission[];
  readonly cluster: readonly Permission[];
  readonly reconciling: readonly Permission[];
} = {
  namespaced: [{ groups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] }],
  cluster: [
    { groups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
    { groups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ],
  reconciling: [
    { groups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    // To notice that a watched kind has come to be served.
    { groups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['list', 'watch'] },
  ],
};
