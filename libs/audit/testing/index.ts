export { recordedAudit } from './recorded-audit.ts';
