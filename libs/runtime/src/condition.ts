import { rfc3339, type Condition } from '@k0smotron/core';

/** A condition as a controller reports it; the runtime adds times and generation. */
export interface ConditionInput {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase, never empty. */
  readonly reason: string;
  /** No times, counters or random names: they would make each run a write (C-03). */
  readonly message: string;
  readonly observedGeneration?: number;
}

/** Upper bound of `message` in the schema of `metav1.Condition`. */
const maxMessageLength = 32_768;

/** Replaces the condition of the same type; the transition time moves only when the status does. Sorted by type. */
export function withCondition(all: readonly Condition[], next: ConditionInput, now: Date): Condition[] {
  const previous = all.find(({ type }) => type === next.type);
  const lastTransitionTime = previous?.status === next.status ? previous.lastTransitionTime : rfc3339(now);
  const { type, status, reason, observedGeneration } = next;
  const changed: Condition = {
    type,
    status,
    reason,
    message: next.message.slice(0, maxMessageLength),
    lastTransitionTime,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
  };
  return [...all.filter(({ type }) => type !== next.type), changed].sort((a, b) => (a.type < b.type ? -1 : 1));
}
