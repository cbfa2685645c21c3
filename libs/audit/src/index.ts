export { loggedAudit, type Audit, type AuditedEffect } from './audit.ts';
export { openAudit, type OpenAuditOptions, type OpenedAudit } from './open-audit.ts';
export { Outbox, type OutboxLeading, type OutboxOptions } from './outbox.ts';
export { auditPermissions } from './permissions.ts';
