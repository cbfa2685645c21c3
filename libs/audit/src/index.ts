export type { Audit, AuditedEffect } from './audit.ts';
export { openAudit, type OpenAuditOptions, type OpenedAudit } from './open-audit.ts';
export type { OutboxLeading } from './outbox.ts';
export { auditPermissions } from './permissions.ts';
