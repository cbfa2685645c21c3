import { auditNames } from './names.ts';

/**
 * What the outbox of a service may do in the service's own namespace, for its Role. The records' names are not known before,
 * so RBAC cannot narrow them further.
 */
export const auditPermissions = (service: string) =>
  [
    { groups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'create', 'update', 'patch', 'delete'] },
    { groups: [''], resources: ['secrets'], verbs: ['create'] },
    { groups: [''], resources: ['secrets'], verbs: ['get'], names: [auditNames(service, '').key] },
  ] as const;
