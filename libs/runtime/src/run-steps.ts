import { done, during, type Outcome } from '@k0smotron/core';

/** One idempotent move towards the desired state. */
export interface Step<S> {
  readonly name: string;
  run(scope: S, signal: AbortSignal): Promise<Outcome>;
}

/**
 * Runs steps in order; the first that is not done decides the outcome.
 *
 * @throws what a step threw, with the step's name before it.
 */
export async function runSteps<S>(steps: readonly Step<S>[], scope: S, signal: AbortSignal): Promise<Outcome> {
  for (const step of steps) {
    signal.throwIfAborted();
    const outcome = await runStep(step, scope, signal);
    if (outcome.kind !== 'done') return outcome;
  }
  return done;
}

async function runStep<S>(step: Step<S>, scope: S, signal: AbortSignal): Promise<Outcome> {
  try {
    return await step.run(scope, signal);
  } catch (cause) {
    throw during(step.name, cause);
  }
}
