import { messageOf } from '@k0smotron/core';

/** Why work on a host failed, in the words of a condition: step, what was seen, the way out; redacted. */
export interface HostFailure {
  /** CamelCase, of the condition. */
  readonly reason: string;
  readonly message: string;
  readonly step?: string;
  readonly exitCode?: number;
}

/** Thrown inside host work when the failure is already explained. */
export class HostFailureError extends Error {
  readonly failure: HostFailure;

  constructor(failure: HostFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** Explains whatever host work threw; an unexpected error is named as such. */
export function explainFailure(cause: unknown): HostFailure {
  if (cause instanceof HostFailureError) return cause.failure;
  return { reason: 'InternalError', message: messageOf(cause) };
}
