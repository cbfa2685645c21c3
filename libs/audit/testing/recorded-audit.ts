import type { Fact } from '@k0smotron/events';
import type { Audit } from '../src/index.ts';

/** Runs effects at once and keeps what is told of those that went well. */
export const recordedAudit = (facts: Fact[]): Audit => ({
  async around(_kube, { fact, run, tell }) {
    const result = await run();
    facts.push(tell?.(result) ?? fact);
    return result;
  },
});
