import { separately } from '../src/audit.ts';
import type { Audit } from '../src/index.ts';

/** An audit that cannot write an intent, so that no effect runs. */
export const refusingAudit = (cause: Error): Audit => separately(() => Promise.reject(cause));
