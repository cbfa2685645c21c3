/** A call that the API server (or the way to it) refused. One subclass per reaction of a caller; messages hold no secret. */
export class KubeError extends Error {
  override readonly name: string = 'KubeError';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** `metav1.Status` reason, or a word of ours where the server gave none. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.reason = reason;
  }
}

/** 404: the object, its namespace or its whole kind is not there. */
export class NotFoundError extends KubeError {
  override readonly name = 'NotFoundError';
}

/** 409: somebody else wrote first, or a uid or resourceVersion precondition failed. Read again. */
export class ConflictError extends KubeError {
  override readonly name = 'ConflictError';
}

/** 409: an object of this name exists already. */
export class AlreadyExistsError extends KubeError {
  override readonly name = 'AlreadyExistsError';
}

/** 422: the server's schema or an admission rule says no; the same object will be refused again. */
export class InvalidError extends KubeError {
  override readonly name = 'InvalidError';
}

/** 403: RBAC or admission forbids it. */
export class ForbiddenError extends KubeError {
  override readonly name = 'ForbiddenError';
}

/** 401: the credentials are not (or no longer) accepted. */
export class UnauthorizedError extends KubeError {
  override readonly name = 'UnauthorizedError';
}

/** 410: the resourceVersion is too old; list again. */
export class ExpiredError extends KubeError {
  override readonly name = 'ExpiredError';
}

/** 429 that outlasted our own bounded waiting. */
export class TooManyRequestsError extends KubeError {
  override readonly name = 'TooManyRequestsError';
  /** What the server asked us to wait, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(reason: string, message: string, retryAfterMs: number) {
    super(429, reason, message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer: connection refused, cut, timed out, TLS failure. A write may or may not have happened. */
export class UnreachableError extends KubeError {
  override readonly name = 'UnreachableError';

  constructor(message: string, options?: ErrorOptions) {
    super(0, 'Unreachable', message, options);
  }
}

/** The kubeconfig, or a file that it names, cannot be used. One line, fit to be printed before exit. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The parts of `metav1.Status` that we read. */
export interface StatusBody {
  readonly kind: 'Status';
  readonly reason?: string;
  readonly message?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly causes?: readonly { readonly field?: string }[];
  };
}

/** True for a `metav1.Status` body. */
export const isStatus = (body: unknown): body is StatusBody =>
  typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status';

const longestMessage = 2_000;

/**
 * What the server said, short enough for a condition. The text of a 400 on Secrets is left out: a decoder quotes what it
 * could not read.
 */
function textOf(status: number, body: unknown, what: string): string {
  if (status === 400 && /\/secrets(\/|$|\?)/.test(what)) return 'the request could not be read';
  const said = isStatus(body) ? (body.message ?? body.reason) : typeof body === 'string' ? body.trim() : undefined;
  return (said || `HTTP ${status}`).slice(0, longestMessage);
}

/**
 * Translates an HTTP answer into the error that a caller can react to.
 *
 * @param what the call in words (`GET /api/v1/…`), put in front of the message
 * @param retryAfterMs of the answer's header, for 429
 */
export function toKubeError(status: number, body: unknown, what: string, retryAfterMs = 1_000): KubeError {
  const reason = (isStatus(body) ? body.reason : undefined) ?? '';
  const message = `${what}: ${textOf(status, body, what)}`;
  switch (status) {
    case 401:
      return new UnauthorizedError(status, reason || 'Unauthorized', message);
    case 403:
      return new ForbiddenError(status, reason || 'Forbidden', message);
    case 404:
      return new NotFoundError(status, reason || 'NotFound', message);
    case 409:
      if (reason === 'AlreadyExists') return new AlreadyExistsError(status, reason, message);
      return new ConflictError(status, reason || 'Conflict', message);
    case 410:
      return new ExpiredError(status, reason || 'Expired', message);
    case 422:
      // A custom resource made anew refuses the old uid as an immutable field; built-in kinds answer 409 (seen on 1.36).
      if (namesUid(body)) return new ConflictError(409, 'Conflict', message);
      return new InvalidError(status, reason || 'Invalid', message);
    case 429:
      return new TooManyRequestsError(reason || 'TooManyRequests', message, retryAfterMs);
    default:
      return new KubeError(status, reason || 'Unknown', message);
  }
}

const namesUid = (body: unknown): boolean =>
  isStatus(body) && (body.details?.causes ?? []).some(({ field }) => field === 'metadata.uid');
