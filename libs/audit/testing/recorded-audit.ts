import type { Fact } from '@k0smotron/events';
import { separately } from '../src/audit.ts';
import type { Audit } from '../src/index.ts';

/** Runs effects at once and keeps what is told of those that went well. */
export const recordedAudit = (facts: Fact[]): Audit =>
  separately(async (_kube, { fact, run, tell }) => {
    const result = await run();
    facts.push(tell?.(result) ?? fact);
    return result;
  });
