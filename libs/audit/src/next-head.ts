import { createHash } from 'node:crypto';
import { endAfter, sealFact, type Fact, type Sealer } from '@k0smotron/events';
import type { Stored } from '@k0smotron/bus';
import type { Head, Sealed } from './chain-head.ts';
import type { AuditRecord } from './records.ts';

/**
 * Facts that are sealed at once; the ConfigMap of the head holds them until all are acknowledged. A process that dies before
 * that leaves the whole batch to the next one, so few enough that one which lives shortly comes forward.
 */
export const batchSize = 10;

/** An intent that nobody came back to for so long is told as unknown, in milliseconds. */
export const unknownAfterMs = 3_600_000;

/** Completed records in the order of their completion. */
export const inOrder = (records: ReadonlyMap<string, AuditRecord>): readonly (readonly [string, AuditRecord])[] =>
  [...records]
    .filter(([, { completed }]) => completed !== undefined)
    .sort(([, a], [, b]) => ((a.completed ?? '') < (b.completed ?? '') ? -1 : 1));

/** The head after sealing these, with all of them to be acknowledged. */
export function sealed(
  head: Head,
  facts: readonly { readonly recordId: string; readonly fact: Fact }[],
  sealer: Sealer,
): Head {
  let { end } = head;
  const unacknowledged = facts.map(({ recordId, fact }): Sealed => {
    const next = sealFact(fact, end, sealer);
    end = endAfter(next);
    return { recordId, fact: next };
  });
  return { ...head, end, unacknowledged };
}

/** The head after the broker has all that was sealed. */
export const acknowledged = (head: Head, last: Stored | undefined): Head => ({
  ...head,
  unacknowledged: [],
  acknowledged: head.end.sequence,
  ...(last && { stream: last.stream, streamSequence: last.sequence }),
});

/**
 * Whether facts that had been acknowledged are gone: another stream is there, or the same one with fewer messages than it had
 * (its disk was put back to an older state).
 */
export const isGap = (head: Head, { stream, sequence, repeated }: Stored): boolean =>
  isOtherStream(head, stream) || (stream === head.stream && !repeated && sequence <= head.streamSequence);

/** Whether this is not the stream that acknowledged last. A broker that does not show its stream proves nothing. */
export const isOtherStream = (head: Head, stream: string): boolean =>
  head.stream !== '' && stream !== '' && stream !== head.stream;

/** What is told of an intent that nobody completed: another fact than the completed one, which may still come. */
export const asUnknown = (fact: Fact): Fact => ({
  ...fact,
  id: createHash('sha256').update(`${fact.id}:unknown`).digest('hex').slice(0, 32),
  data: { ...fact.data, outcome: 'unknown' },
});
