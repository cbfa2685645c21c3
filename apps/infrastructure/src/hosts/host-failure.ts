import { messageOf } from '@k0smotron/core';
import {
  HostBusyError,
  HostJobCutError,
  HostJournalError,
  HostSilentError,
  SupersededError,
} from '@k0smotron/provision';
import { CommandTimeoutError, ConnectError } from '@k0smotron/ssh';

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
  override readonly name = 'HostFailureError';
  readonly failure: HostFailure;

  constructor(failure: HostFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** Explains whatever host work threw; an unexpected error is named as such. */
export function explainFailure(cause: unknown): HostFailure {
  if (cause instanceof HostFailureError) return cause.failure;
  return { reason: reasonOf(cause), message: messageOf(cause) };
}

function reasonOf(cause: unknown): string {
  if (cause instanceof ConnectError || cause instanceof HostJobCutError) return 'HostUnreachable';
  if (cause instanceof CommandTimeoutError || cause instanceof HostSilentError) return 'HostNotResponding';
  if (cause instanceof HostJournalError) return 'HostJournalFailed';
  if (cause instanceof HostBusyError) return 'HostBusy';
  if (cause instanceof SupersededError) return 'Superseded';
  return 'InternalError';
}

const connectionReasons = new Set([
  'HostUnreachable',
  'HostNotResponding',
  'HostKeyChanged',
  'SSHAuthenticationFailed',
  'SudoMissing',
]);

/** True when the host could not be worked on at all, whatever was to be done there. */
export const isConnectionFailure = ({ reason }: HostFailure): boolean => connectionReasons.has(reason);
