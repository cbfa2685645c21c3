import type { Logger } from '@k0smotron/core';
import type { Fact } from '@k0smotron/events';
import type { KubeClient } from '@k0smotron/kube';

/** One effect that has to be told. */
export interface AuditedEffect<T> {
  /** The fact as it is intended; what becomes known by the effect itself is added by {@link tell}. */
  readonly fact: Fact;
  /** Must be repeatable: after a crash it runs again. */
  readonly run: () => Promise<T>;
  /** The fact as it turned out, with the id of {@link fact}; that one unless given. */
  readonly tell?: (result: T) => Fact;
}

/** Tells effects that cannot be derived again from objects (SR-8). */
export interface Audit {
  /**
   * Runs an effect between its intent and its completion, both in Kubernetes. What it throws is thrown again, and its intent
   * stays open for the retry. `kube` is that of the run, so that a deposed leader writes nothing.
   *
   * @throws KubeError when the intent or the completion could not be written: without intent the effect does not run.
   */
  around<T>(kube: KubeClient, effect: AuditedEffect<T>, signal: AbortSignal): Promise<T>;

  /**
   * Runs effects that belong together, all at once, between one intent and one completion for all. Each is a fact of its own.
   * Where some fail, the others are completed and the intents of those that failed stay open; the first failure is thrown.
   *
   * @throws KubeError as {@link around} does.
   */
  aroundAll<T>(kube: KubeClient, effects: readonly AuditedEffect<T>[], signal: AbortSignal): Promise<readonly T[]>;
}

/** An audit whose effects share no record. */
export const separately = (around: Audit['around']): Audit => ({
  around,
  async aroundAll(kube, effects, signal) {
    const runs = effects.map((effect) => around(kube, effect, signal));
    await Promise.allSettled(runs); // nothing goes on once the caller hears of a failure
    return Promise.all(runs);
  },
});

/** The audit of a service that runs without NATS: a line in the log for each effect. */
export const loggedAudit = (logger: Logger): Audit =>
  separately(async (_kube, { fact, run, tell }) => {
    const result = await run();
    const { type, subject, data } = tell?.(result) ?? fact;
    logger.info('Effect', { fact: type, object: subject, details: data.details });
    return result;
  });
