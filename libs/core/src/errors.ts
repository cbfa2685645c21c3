/** Retrying cannot help until the user changes the object. `reason` becomes the condition's reason (CamelCase). */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The text of whatever was thrown. */
export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Adds the step's name to a failure and keeps the original as `cause`; a terminal failure stays terminal. */
export function during(step: string, cause: unknown): Error {
  const message = `${step}: ${messageOf(cause)}`;
  if (cause instanceof TerminalError) return new TerminalError(cause.reason, message, { cause });
  return new Error(message, { cause });
}

/** Marks a branch that the type checker has proved unreachable; throws if the proof was wrong. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
