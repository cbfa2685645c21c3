import type { RemoteMachine } from '@k0smotron/api';
import type { Run } from '@k0smotron/runtime';
import { cleanUpOutcomeAnnotation } from '../names.ts';

/** How a clean-up ended, kept so that a crash after it never cleans a host that somebody else has by then. */
export type CleanUpOutcome = { readonly kind: 'clean' } | { readonly kind: 'dirty'; readonly why: string };

/** Reads how the clean-up of a machine ended; undefined while it has not. */
export function cleanUpOutcome({ metadata }: RemoteMachine): CleanUpOutcome | undefined {
  const text = metadata.annotations?.[cleanUpOutcomeAnnotation];
  if (text === undefined) return undefined;
  return text === 'Clean' ? { kind: 'clean' } : { kind: 'dirty', why: text.replace(/^Dirty: /, '') };
}

/**
 * Records how the clean-up ended, on the machine itself, before its host is given back. Not in the plan: that is written
 * once and never changed (ADR 0008).
 */
export const recordOutcome = (run: Run<RemoteMachine>, outcome: CleanUpOutcome): Promise<void> =>
  run.annotate({ [cleanUpOutcomeAnnotation]: outcome.kind === 'clean' ? 'Clean' : `Dirty: ${outcome.why}` });
