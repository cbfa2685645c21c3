import { RemoteMachine } from '@k0smotron/api';
import type { Run } from '@k0smotron/runtime';
import { cleanUpOutcomeAnnotation, fieldManager } from '../names.ts';

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
export async function recordOutcome(
  run: Run<RemoteMachine>,
  outcome: CleanUpOutcome,
  signal: AbortSignal,
): Promise<void> {
  const text = outcome.kind === 'clean' ? 'Clean' : `Dirty: ${outcome.why}`;
  const metadata = { uid: run.object.metadata.uid, annotations: { [cleanUpOutcomeAnnotation]: text } };
  const change = { type: 'merge', body: { metadata } } as const;
  run.expectWritten(await run.kube.patch(RemoteMachine, run.key, change, { fieldManager }, signal));
}
