/** One replacement of a failed machine, as Cluster API's own control plane writes it down (remediation-in-progress, -for). */
export interface RemediationRecord {
  /** The machine that failed. */
  readonly machine: string;
  /** When it was decided; RFC 3339. */
  readonly timestamp: string;
  /** How many machines in its place had failed before, each soon after the other. */
  readonly retryCount: number;
}

/** How often, and how soon after each other, machines that take each other's place are replaced. */
export interface RemediationPolicy {
  /** Undefined: as often as it takes. */
  readonly maxRetry?: number;
  /** From one replacement to the next of the same place. */
  readonly retryPeriodMs?: number;
  /** Who has lived this long is no retry when it fails; an hour unless told. */
  readonly minHealthyPeriodMs?: number;
}

/** What the budget says: the record of the next try, or why there is none yet, or none at all. */
export type Budget =
  | { readonly kind: 'try'; readonly record: RemediationRecord }
  | { readonly kind: 'later' | 'never'; readonly because: string };

const hourMs = 60 * 60_000;

/** Holds a failed machine against the budget. `before` is the record on that machine, if it took another one's place. */
export function budgetFor(
  machine: string,
  before: RemediationRecord | undefined,
  { maxRetry, retryPeriodMs = 0, minHealthyPeriodMs = hourMs }: RemediationPolicy,
  nowMs: number,
): Budget {
  const record = { machine, timestamp: new Date(nowMs).toISOString() };
  const agoMs = before ? nowMs - Date.parse(before.timestamp) : NaN;
  // A record that cannot be read counts as an old one, so that nobody waits for ever because of it.
  if (!before || !(agoMs < Math.max(minHealthyPeriodMs, retryPeriodMs)))
    return { kind: 'try', record: { ...record, retryCount: 0 } };
  if (agoMs < retryPeriodMs)
    return {
      kind: 'later',
      because: `it took the place of ${before.machine}, and tries are ${retryPeriodMs / 1000} s apart`,
    };
  const retryCount = agoMs < minHealthyPeriodMs ? before.retryCount + 1 : 0;
  if (maxRetry !== undefined && retryCount > maxRetry)
    return { kind: 'never', because: `${retryCount} machines in its place have failed, and maxRetry is ${maxRetry}` };
  return { kind: 'try', record: { ...record, retryCount } };
}
