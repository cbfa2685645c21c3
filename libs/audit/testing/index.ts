export { recordedAudit } from './recorded-audit.ts';
export { refusingAudit } from './refusing-audit.ts';
