import { ObjectExistsError, ObjectNotFoundError, StoreRefusedError, StoreUnreachableError } from './errors.ts';

interface S3Failure {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const statusOf = (cause: unknown): number | undefined => (Object(cause) as S3Failure).$metadata?.httpStatusCode;
const nameOf = (cause: unknown): string => String((Object(cause) as S3Failure).name);

/** There is no such object or upload. A bucket that is missing is something else. */
export const isMissing = (cause: unknown): boolean => statusOf(cause) === 404 && nameOf(cause) !== 'NoSuchBucket';

/** The service does not have this call. */
export const isUnknownCall = (cause: unknown): boolean => [405, 501].includes(statusOf(cause) ?? 0);

/** Says in our words what a client of S3 threw. Only the message is taken over: the rest may hold headers. */
export function translateS3(cause: unknown, what: string): Error {
  const { message = String(cause) } = Object(cause) as S3Failure;
  const said = `${what}: ${nameOf(cause)}: ${message}`;
  const status = statusOf(cause) ?? 0;
  if (isMissing(cause)) return new ObjectNotFoundError(`there is no ${what}`, { cause });
  // 409 is what the loser of two conditional writes at once is told.
  if (status === 412 || status === 409) return new ObjectExistsError(`there is ${what} already`, { cause });
  const busy = status === 408 || status === 429;
  if (status >= 400 && status < 500 && !busy) return new StoreRefusedError(said, { cause });
  return new StoreUnreachableError(said, { cause });
}
