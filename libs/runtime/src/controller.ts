import type { Kind, KubeObject, ObjectKey, Outcome } from '@k0smotron/core';
import type { Caches, Indexes } from './caches.ts';
import type { Run } from './run.ts';

/** What a controller may do; the RBAC manifests are generated from it, so that they cannot drift from the code. */
export interface Permission {
  /** `''` for the core group. */
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Narrows the rule to these objects. */
  readonly names?: readonly string[];
}

/** Another kind whose changes wake keys of a controller. */
export interface Watch<W extends KubeObject = KubeObject> {
  readonly kind: Kind<W>;
  /** Only objects with these labels are listed and cached (SR-18). */
  readonly labelSelector?: string;
  /** Only `metadata` is fetched and cached. */
  readonly metadataOnly?: boolean;
  readonly indexes?: Indexes<W>;
  /**
   * The controller works without this kind, as if there were no objects of it. Unless set, it begins only when the server
   * serves the kind, and pauses when it no longer does.
   */
  readonly optional?: boolean;
  /** The keys that one changed object wakes. Called for its state before and after a change. */
  toKeys(object: W, caches: Caches): readonly ObjectKey[];
}

/** Anything else that wakes keys, or all keys: finished host jobs, NATS facts, a new stream. Gives back how to stop. */
export type KeySource = (enqueue: (key: ObjectKey) => void, enqueueAll: () => void) => () => void;

/** One level-triggered loop: which kind it serves, what wakes it, what it may do, what it does. */
export interface Controller<T extends KubeObject = KubeObject> {
  /** Field manager, metric label and event reporter; lower case with dashes. */
  readonly name: string;
  readonly kind: Kind<T>;
  readonly labelSelector?: string;
  readonly indexes?: Indexes<T>;
  readonly watches?: readonly Watch[];
  readonly permissions: readonly Permission[];
  /** The condition types that this controller owns; `report` accepts no other (C-05). */
  readonly conditionTypes: readonly string[];
  /**
   * The summary condition in which a thrown TerminalError is shown as False with its reason and message, unless the run
   * reported it itself; e.g. `Ready`.
   */
  readonly failureCondition?: string;
  /** Keys served at once; the `--concurrency` flag unless given. */
  readonly concurrency?: number;
  /** A run that takes longer is aborted, 60 s unless given. */
  readonly deadlineMs?: number;
  /** A settled key is looked at again after about this time; the `--sync-period` flag unless given. */
  readonly resyncMs?: number;
  /** Writes `status.observedGeneration` after error-free runs (P-04); only for kinds whose status has the field. */
  readonly recordsGeneration?: boolean;
  /** Brings one object closer to what its spec says. Must honour the signal. */
  reconcile(run: Run<T>, signal: AbortSignal): Promise<Outcome>;
  readonly sources?: readonly KeySource[];
}

/** Declares a controller, checked for its object type and then usable in a list with others. */
export const defineController = <T extends KubeObject>(controller: Controller<T>): Controller =>
  controller as unknown as Controller;

/** Declares that changes of `kind` wake the keys that `toKeys` names. */
export const watch = <W extends KubeObject>(
  kind: Kind<W>,
  toKeys: (object: W, caches: Caches) => readonly ObjectKey[],
  options: Omit<Watch<W>, 'kind' | 'toKeys'> = {},
): Watch => ({ ...options, kind, toKeys }) as unknown as Watch;
