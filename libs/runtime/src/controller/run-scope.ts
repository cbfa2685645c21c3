import {
  isDeleting,
  keyOf,
  type Clock,
  type Kind,
  type KubeObject,
  type Logger,
  type ObjectKey,
} from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { Caches } from '../caches.ts';
import type { ConditionInput } from '../condition.ts';
import { epochOf, type Leader } from '../leader.ts';
import type { Run } from '../run.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Expectations } from './expectations.ts';
import { adding, changeFinalizers, removing } from './finalizers.ts';
import { nextStatus, statusOf, type Status } from './next-status.ts';
import { writeStatus } from './write-status.ts';

/** What the scopes of all runs of one controller share. */
export interface ScopeParts<T extends KubeObject = KubeObject> {
  readonly name: string;
  readonly kind: Kind<T>;
  readonly conditionTypes: readonly string[];
  readonly recordsGeneration: boolean;
  readonly kube: KubeClient;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly leader: Leader;
  readonly events: EventRecorder;
  readonly expectations: Expectations;
  /** Hides secrets in texts that users read. */
  readonly redact: (text: string) => string;
}

/** A run, and what the runtime does with it afterwards. */
export interface RunScope<T extends KubeObject> {
  readonly run: Run<T>;
  /** True when the run itself reported this condition. */
  reported(type: string): boolean;
  /** Writes the status once, if it changed; an object that is gone needs none. */
  finish(options: { readonly failed: boolean }): Promise<void>;
}

/** Makes the scope of one reconcile of `object`. */
export function openRun<T extends KubeObject>(
  parts: ScopeParts<T>,
  object: T,
  log: Logger,
  signal: AbortSignal,
): RunScope<T> {
  const { kube, kind, clock, caches, leader, expectations, redact, conditionTypes } = parts;
  const { name, namespace } = object.metadata;
  const key: ObjectKey = namespace === undefined ? { name } : { namespace, name };
  const queueKey = keyOf(key);
  const { conditions: _, ...presentStatus } = statusOf(object);
  const status = structuredClone(presentStatus);
  const reports = new Map<string, ConditionInput>();
  // As our own patches left it: `object` itself stays as it was at the start of the run.
  let latest: T | undefined = object;

  const patchFinalizers = async (change: ReturnType<typeof adding>): Promise<void> => {
    if (!latest) return;
    const options = { kube, kind, key, fieldManager: `${parts.name}/finalizer` };
    const before = latest;
    latest = await changeFinalizers(options, before, change, signal);
    if (!latest || latest === before) return;
    if (!isDeleting(latest) || latest.metadata.finalizers?.length) return expectations.expect(queueKey, latest);
    expectations.expectGone(queueKey, latest); // gone with the last one
    latest = undefined;
  };

  const annotate: Run['annotate'] = async (annotations) => {
    const body = { metadata: { uid: object.metadata.uid, annotations } };
    const options = { fieldManager: `${parts.name}/annotations` };
    latest = await kube.patch(kind, key, { type: 'merge', body }, options, signal);
    expectations.expect(queueKey, latest);
  };

  const run: Run<T> = {
    object,
    key,
    kube,
    caches,
    clock,
    log,
    status,
    term: leader.term,
    epoch: epochOf(leader.term),
    report: (condition) => {
      if (!conditionTypes.includes(condition.type)) {
        throw new Error(`${parts.name} does not own condition ${condition.type}: add it to its conditionTypes`);
      }
      reports.set(condition.type, { ...condition, message: redact(condition.message) });
    },
    event: (type, reason, message) =>
      parts.events.record(parts.name, object, { type, reason, message: redact(message) }),
    annotate,
    ensureFinalizer: (finalizer) => patchFinalizers(adding(finalizer)),
    releaseFinalizer: (finalizer) => patchFinalizers(removing(finalizer)),
    expectWritten: (written) => expectations.expect(queueKey, written),
  };

  return {
    run,
    reported: (type) => reports.has(type),
    finish: async ({ failed }) => {
      const draft = withGeneration(status, parts.recordsGeneration && !failed ? object.metadata.generation : undefined);
      const next = nextStatus({ object, draft, reported: [...reports.values()], conditionTypes, now: clock.now() });
      if (next && latest) await writeStatus(parts, object, next);
    },
  };
}

const withGeneration = (status: Status, observedGeneration: number | undefined): Status =>
  observedGeneration === undefined ? status : { ...status, observedGeneration };
