import type { Clock, KubeObject, Logger, ObjectKey } from '@k0smotron/core';
import type { Caches } from './caches.ts';
import type { ConditionInput } from './condition.ts';
import type { KubeClient } from '@k0smotron/kube';

/** Which leadership a host effect belongs to (SR-7). Later terms of one lease have more transitions. */
export interface Term {
  readonly leaseUid: string;
  readonly transitions: number;
  /** Wall-clock milliseconds, to order terms of different leases. */
  readonly acquiredAtMs: number;
}

/** The scope of one reconcile, made by the runtime and finished by it: status, events, metrics, requeue. */
export interface Run<T extends KubeObject = KubeObject> {
  /** As cached at the start of the run; frozen. */
  readonly object: T;
  readonly key: ObjectKey;
  /** Writes are refused at once when this process no longer leads (SR-7). */
  readonly kube: KubeClient;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * The status to be, without conditions. Starts as a copy of the present one; change it in place. Applied once at the end
   * of the run, if it changed, by the field manager `<controller>/status`.
   */
  readonly status: Record<string, unknown>;
  /** Sets a condition of a type that the controller owns. Those not reported stay as they are. */
  report(condition: ConditionInput): void;
  /** Tells users what happened, as an Event. Repeats of the same text are folded. Never throws. */
  event(type: 'Normal' | 'Warning', reason: string, message: string): void;
  /**
   * Sets annotations of the object in a write of its own, or takes those away that are null. The next run sees them.
   *
   * @throws NotFoundError, ConflictError when the object is gone or was made anew.
   */
  annotate(annotations: Readonly<Record<string, string | null>>): Promise<void>;
  /** Adds a finalizer in a write of its own, before the first outside effect (P-03). Does nothing if it is there. */
  ensureFinalizer(name: string): Promise<void>;
  /** Takes a finalizer away, after verified clean-up. Does nothing if it or the object is gone. */
  releaseFinalizer(name: string): Promise<void>;
  /**
   * Remembers a write: the next run of this key waits until the caches have seen it, so that a stale cache never causes a
   * second create (W-04). Only for kinds that this controller watches.
   */
  expectWritten(object: KubeObject): void;
  readonly term: Term;
  /** `<lease uid>/<transitions>` of {@link term}. */
  readonly epoch: string;
}
